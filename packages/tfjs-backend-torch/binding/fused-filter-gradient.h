// The gradient of a convolution with respect to its filter, as a matrix product of our own.
#pragma once

#include "fused-weights.h"

namespace csl {

// AVX-512, contiguous data, channels in multiples of the tile.
bool fitsFilterGradient(const at::Tensor& x, const at::Tensor& dy, const ConvGeometry& geometry);

// x [b, h, w, in], dy [b, h', w', out] → [height, width, in, out] float32
at::Tensor filterGradient(const at::Tensor& x, const at::Tensor& dy, const ConvGeometry& geometry, int64_t height,
                          int64_t width);

}  // namespace csl
