#include "winograd.h"

#include <algorithm>

#include "machine-features.h"

namespace csl {

#ifdef CSL_WINOGRAD

namespace {

bool isHalf(const at::Tensor& x) { return x.scalar_type() == at::kBFloat16; }

winograd::Images imagesOf(const at::Tensor& x, const ConvGeometry& geometry) {
  return {isHalf(x) ? 2 : 4,
          x.size(0),
          x.size(1),
          x.size(2),
          geometry.padding[0],
          geometry.padding[1],
          x.size(1) + 2 * geometry.padding[0] - 2,
          x.size(2) + 2 * geometry.padding[1] - 2};
}

}  // namespace

bool fitsWinogradGradient(const at::Tensor& x, at::IntArrayRef filter, const ConvGeometry& geometry) {
  auto between = [](const std::vector<int64_t>& pair, int64_t low, int64_t high) {
    return std::min(pair[0], pair[1]) >= low && std::max(pair[0], pair[1]) <= high;
  };
  if (!x.is_cpu() || x.numel() == 0 || filter[0] != 3 || filter[1] != 3 || filter[2] % winograd::chunk != 0 ||
      filter[2] < winograd::panel || filter[3] % winograd::panel != 0 || !between(geometry.stride, 1, 1) ||
      !between(geometry.dilation, 1, 1) || !between(geometry.padding, 0, 2) ||
      !(isHalf(x) ? bestAtHalves() : x.scalar_type() == at::kFloat && hasAvx512())) {
    return false;
  }
  auto images = imagesOf(x, geometry);
  if (images.outHeight < 1 || images.outWidth < 1) return false;
  // Preparing the filter must pay, and so must the pixels that tiles have beyond the edge.
  int64_t tiles = images.tiles(), pixels = x.size(0) * images.outHeight * images.outWidth;
  return tiles >= 24 && 2 * pixels >= tiles * images.side * images.side;
}

bool fitsWinograd(const at::Tensor& x, at::IntArrayRef filter, const ConvGeometry& geometry) {
  // Channels of bfloat16 go by twos.
  return (!isHalf(x) || filter[2] % (2 * winograd::chunk) == 0) && fitsWinogradGradient(x, filter, geometry);
}

at::Tensor winogradConvolution(const at::Tensor& x, const at::Tensor& filter, bool turned, const at::Tensor& bias,
                               const ConvGeometry& geometry, double slope) {
  int64_t inputs = filter.size(turned ? 3 : 2), outputs = filter.size(turned ? 2 : 3);
  // Turned, the filter is wanted as [tap][out][in]; [out, 3, 3, in] has the inputs as neighbours.
  auto plain = turned ? outFirst(filter, at::kFloat) : filter.contiguous();
  auto* first = plain.data_ptr<float>();
  winograd::Filter taps = turned ? winograd::Filter{first + 8 * outputs, -outputs, 9 * outputs}
                                 : winograd::Filter{first, inputs * outputs, outputs};
  auto images = imagesOf(x, geometry);
  auto data = x.contiguous();
  auto shift = bias.defined() ? bias.to(at::kFloat).contiguous() : bias;
  auto* shifts = shift.defined() ? shift.data_ptr<float>() : nullptr;
  auto y = at::empty({x.size(0), images.outHeight, images.outWidth, outputs}, x.options());
  if (isHalf(x)) {
    winograd::halves::convolution(static_cast<const Bf16*>(data.data_ptr()), static_cast<Bf16*>(y.data_ptr()), images,
                                  taps, inputs, outputs, shifts, static_cast<float>(slope));
  } else {
    winograd::convolution(data.data_ptr<float>(), y.data_ptr<float>(), images, taps, inputs, outputs, shifts,
                          static_cast<float>(slope));
  }
  return y;
}

at::Tensor winogradFilterGradient(const at::Tensor& x, const at::Tensor& dy, const ConvGeometry& geometry) {
  int64_t inputs = x.size(3), outputs = dy.size(3);
  auto dw = at::empty({3, 3, inputs, outputs}, x.options().dtype(at::kFloat));
  if (isHalf(x)) {
    winograd::halves::filterGradient(static_cast<const Bf16*>(x.data_ptr()), static_cast<const Bf16*>(dy.data_ptr()),
                                     imagesOf(x, geometry), inputs, outputs, dw.data_ptr<float>());
  } else {
    winograd::filterGradient(x.data_ptr<float>(), dy.data_ptr<float>(), imagesOf(x, geometry), inputs, outputs,
                             dw.data_ptr<float>());
  }
  return dw;
}

#else

bool fitsWinograd(const at::Tensor&, at::IntArrayRef, const ConvGeometry&) { return false; }
bool fitsWinogradGradient(const at::Tensor&, at::IntArrayRef, const ConvGeometry&) { return false; }
at::Tensor winogradConvolution(const at::Tensor&, const at::Tensor&, bool, const at::Tensor&, const ConvGeometry&, double) {
  return {};
}
at::Tensor winogradFilterGradient(const at::Tensor&, const at::Tensor&, const ConvGeometry&) { return {}; }

#endif

}  // namespace csl
