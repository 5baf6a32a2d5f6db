// The gradient of a 1x1 convolution at stride 1 with respect to its filter, dw[i, o] = Σ over pixels x[pixel, i] · dy[pixel, o],
// between bfloat16 data with sums in float32. oneDNN's product is no faster, and rounds the sums to bfloat16.
#pragma once

#include <ATen/ATen.h>

namespace csl {

// For contiguous x [b, h, w, in] and dy [b, h, w, out]: on a machine that is best at pairs of bfloat16 in AVX-512.
bool fitsPointwiseGradient(const at::Tensor& x, const at::Tensor& dy);

// → [1, 1, in, out] float32
at::Tensor pointwiseGradient(const at::Tensor& x, const at::Tensor& dy);

}  // namespace csl
