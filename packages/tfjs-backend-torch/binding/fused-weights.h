// Filters in the order that a convolution wants, made from TensorFlow.js's [height, width, in, out].
#pragma once

#include <ATen/ATen.h>

namespace csl {

struct ConvGeometry {
  std::vector<int64_t> stride, padding, dilation;
};

// The forward pass's filter for inputs of this size, or with `transposed` that of the gradient with respect to the input,
// which is a convolution of dy with the filter turned about and its channels exchanged. `packed` says that it lies in
// oneDNN's own order; otherwise it is [out, in, height, width], channels-last.
struct Prepared {
  at::Tensor weight;
  bool packed = false;
};
Prepared prepareFilter(const at::Tensor& filter, const at::Tensor& input, const ConvGeometry& geometry, bool transposed);

// y = convolution of a channels-last input with a prepared filter. `slope`: leaky activation at the end, 1 for none.
at::Tensor convolve(const at::Tensor& input, const Prepared& filter, const at::Tensor& bias,
                    const ConvGeometry& geometry, double slope);

// [height, width, in, out] float32 → [out, height, width, in] of a type.
at::Tensor outFirst(const at::Tensor& filter, at::ScalarType type);

}  // namespace csl
