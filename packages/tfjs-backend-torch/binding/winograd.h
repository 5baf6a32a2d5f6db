// Convolutions with 3x3 filters at stride 1 by Winograd's F(4x4, 3x3): a quarter of the multiplications of the plain sum, which
// is what oneDNN computes, at the speed of the machine's multipliers. All arithmetic is float32, also between bfloat16 data.
// A result's rounding error is in proportion to the largest numbers of its tile, not of its own window; likewise a number that
// is infinite or none makes all results of the tiles that look at it NaN, not those of its window alone.
#pragma once

#include "fused-weights.h"

namespace csl {

// For a filter of these sizes [height, width, in, out] over NHWC data in host memory: 3x3 at stride 1, channels in multiples of the
// registers', enough tiles, AVX-512; bfloat16 only where the machine has no faster product of its matrices (AMX).
bool fitsWinograd(const at::Tensor& x, at::IntArrayRef filter, const ConvGeometry& geometry);

// A filter of the forward pass, or with `turned` of the gradient with respect to the input: turned about, its channels
// exchanged. x [b, h, w, in] → [b, h', w', out]; `slope` between 0 and 1, 1 for no activation.
at::Tensor winogradConvolution(const at::Tensor& x, const at::Tensor& filter, bool turned, const at::Tensor& bias,
                               const ConvGeometry& geometry, double slope);

// x [b, h, w, in], dy [b, h', w', out] → [3, 3, in, out] float32
at::Tensor winogradFilterGradient(const at::Tensor& x, const at::Tensor& dy, const ConvGeometry& geometry);

}  // namespace csl
