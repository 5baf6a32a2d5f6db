// Convolutions of NHWC data with filters [height, width, in, out], groups 1, padded alike on both sides: forward with bias
// and activation, and both gradients. With `reduced` the data is bfloat16, the filters and their gradient stay float32.
#include "fused-filter-gradient.h"
#include "fused-weights.h"
#include "fused.h"
#include "pointwise-gradient.h"
#include "winograd.h"

namespace csl {
namespace {

// n = stride h, w, padding h, w, dilation h, w, then what each function adds.
ConvGeometry geometryOf(const Numbers& n) {
  auto pair = [&](size_t at) { return std::vector<int64_t>{static_cast<int64_t>(n[at]), static_cast<int64_t>(n[at + 1])}; };
  return {pair(0), pair(2), pair(4)};
}

at::Tensor nchw(const at::Tensor& x) { return x.permute({0, 3, 1, 2}); }
at::Tensor nhwc(const at::Tensor& x) { return x.permute({0, 2, 3, 1}).contiguous(); }

at::Tensor asStored(const at::Tensor& x, bool reduced) { return x.to(reduced ? at::kBFloat16 : at::kFloat); }

// (x, filter, bias?; …, reduced, slope) → y
Tensors conv(const Tensors& in, const Numbers& n) {
  auto geometry = geometryOf(n);
  const auto& filter = in[1];
  auto data = asStored(in[0], n[6] != 0);
  if (n[7] >= 0 && n[7] <= 1 && fitsWinograd(data, filter.sizes(), geometry)) {
    return {winogradConvolution(data, filter, false, in[2].defined() ? in[2].reshape({-1}) : in[2], geometry, n[7])};
  }
  auto x = nchw(data);
  auto bias = in[2].defined() ? in[2].reshape({-1}).to(x.scalar_type()) : in[2];
  return {nhwc(convolve(x, prepareFilter(filter, x, geometry, false), bias, geometry, n[7]))};
}

// (dy, filter; …, reduced, b, h, w, c) → dx
Tensors convInput(const Tensors& in, const Numbers& n) {
  auto geometry = geometryOf(n);
  const auto& filter = in[1];
  auto data = asStored(in[0], n[6] != 0).contiguous();
  bool unit = geometry.stride[0] == 1 && geometry.stride[1] == 1;
  ConvGeometry turned = geometry;
  for (int i = 0; i < 2; i++) {
    turned.padding[i] = geometry.dilation[i] * (filter.size(i) - 1) - geometry.padding[i];
    unit = unit && turned.padding[i] >= 0;
  }
  if (unit && fitsWinograd(data, {filter.size(0), filter.size(1), filter.size(3), filter.size(2)}, turned)) {
    return {winogradConvolution(data, filter, true, {}, turned, 1)};
  }
  auto dy = nchw(data);
  if (unit) return {nhwc(convolve(dy, prepareFilter(filter, dy, turned, true), {}, turned, 1))};
  auto like = at::empty({static_cast<int64_t>(n[7]), static_cast<int64_t>(n[10]), static_cast<int64_t>(n[8]),
                         static_cast<int64_t>(n[9])},
                        dy.options(), at::MemoryFormat::ChannelsLast);
  auto weight = filter.to(dy.scalar_type()).permute({3, 2, 0, 1}).contiguous(at::MemoryFormat::ChannelsLast);
  auto dx = std::get<0>(at::convolution_backward(dy, like, weight, c10::nullopt, geometry.stride, geometry.padding,
                                                 geometry.dilation, false, {0, 0}, 1, {true, false, false}));
  return {nhwc(dx)};
}

// (x, dy; …, reduced, height, width) → dfilter [height, width, in, out], float32
Tensors convFilter(const Tensors& in, const Numbers& n) {
  auto geometry = geometryOf(n);
  bool reduced = n[6] != 0;
  auto x = asStored(in[0], reduced).contiguous();
  auto dy = asStored(in[1], reduced).contiguous();
  int64_t height = n[7], width = n[8], inputs = x.size(3), outputs = dy.size(3);
  if (x.numel() == 0 || dy.numel() == 0) {
    return {at::zeros({height, width, inputs, outputs}, x.options().dtype(at::kFloat))};
  }
  // The gradient at the 36 points takes four times the filter's memory.
  if (inputs * outputs <= 1024 * 1024 && fitsWinogradGradient(x, {height, width, inputs, outputs}, geometry)) {
    return {winogradFilterGradient(x, dy, geometry)};
  }
  bool pointwise = height * width == 1 && geometry.stride[0] * geometry.stride[1] == 1 &&
                   geometry.padding[0] + geometry.padding[1] == 0;
  if (pointwise && fitsPointwiseGradient(x, dy)) return {pointwiseGradient(x, dy)};
  // Elsewhere oneDNN's product of bfloat16 matrices; it rounds the sums to bfloat16, as PyTorch's layers do under autocast.
  if (pointwise && reduced) {
    auto pixels = x.reshape({-1, inputs}), upstream = dy.reshape({-1, outputs});
    // What is transposed costs: one of the factors, and then the result, too.
    bool turned = pixels.numel() > upstream.numel() + 2 * inputs * outputs;
    auto product = turned ? at::mm(upstream.t(), pixels).t() : at::mm(pixels.t(), upstream);
    return {product.to(at::kFloat).contiguous().reshape({1, 1, inputs, outputs})};
  }
  if (fitsFilterGradient(x, dy, geometry)) return {filterGradient(x, dy, geometry, height, width)};
  auto like = at::empty({outputs, inputs, height, width}, x.options(), at::MemoryFormat::ChannelsLast);
  auto dw = std::get<1>(at::convolution_backward(nchw(dy), nchw(x), like, c10::nullopt, geometry.stride,
                                                 geometry.padding, geometry.dilation, false, {0, 0}, 1,
                                                 {false, true, false}));
  return {dw.permute({2, 3, 1, 0}).to(at::kFloat).contiguous()};
}

const Fused fused[] = {{"conv", conv}, {"convInput", convInput}, {"convFilter", convFilter}};

}  // namespace
}  // namespace csl
