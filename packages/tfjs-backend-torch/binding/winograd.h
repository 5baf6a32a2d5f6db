// Convolutions with 3x3 filters at stride 1 by Winograd's algorithm, which makes a tile of the result with fewer multiplications than
// the plain sum that oneDNN computes, at the speed of the machine's multipliers: between float32 data F(4x4, 3x3), a quarter of
// them, between bfloat16 data F(2x2, 3x3), four ninths of them at the speed of bfloat16. A result's rounding error is in
// proportion to the largest numbers of its tile, not of its own window. What is infinite or no number makes more
// results of its tiles NaN than those of its window by F(4x4, 3x3), up to 4 pixels around it; by F(2x2, 3x3) none but those.
#pragma once

#include "fused-weights.h"
#include "tiles.h"

namespace csl {

// For a filter of these sizes [height, width, in, out] over NHWC data in host memory: 3x3 at stride 1, channels in multiples of the
// registers', enough tiles, AVX-512; bfloat16 only where the machine has no faster product of its matrices (AMX).
bool fitsWinograd(const at::Tensor& x, at::IntArrayRef filter, const ConvGeometry& geometry);

// A filter of the forward pass, or with `turned` of the gradient with respect to the input: turned about, its channels
// exchanged. x [b, h, w, in] → [b, h', w', out]; `slope` between 0 and 1, 1 for no activation.
at::Tensor winogradConvolution(const at::Tensor& x, const at::Tensor& filter, bool turned, const at::Tensor& bias,
                               const ConvGeometry& geometry, double slope);

// The same may be said of the gradient with respect to the filter. x [b, h, w, in], dy [b, h', w', out] → [3, 3, in, out] float32
bool fitsWinogradGradient(const at::Tensor& x, at::IntArrayRef filter, const ConvGeometry& geometry);
at::Tensor winogradFilterGradient(const at::Tensor& x, const at::Tensor& dy, const ConvGeometry& geometry);

#ifdef CSL_WINOGRAD

// What they are made of: the same two functions for each kind of data.
namespace winograd {
void convolution(const float* x, float* y, const Images& images, const Filter& filter, int64_t inputs,
                 int64_t outputs, const float* bias, float slope);
void filterGradient(const float* x, const float* dy, const Images& images, int64_t inputs, int64_t outputs, float* dw);

namespace halves {
void convolution(const Bf16* x, Bf16* y, const Images& images, const Filter& filter, int64_t inputs,
                 int64_t outputs, const float* bias, float slope);
void filterGradient(const Bf16* x, const Bf16* dy, const Images& images, int64_t inputs, int64_t outputs, float* dw);
}  // namespace halves
}  // namespace winograd

#endif

}  // namespace csl
