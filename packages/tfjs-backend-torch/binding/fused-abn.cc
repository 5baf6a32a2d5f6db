// Activated batch normalisation, y = leaky(x̂ · (|w| + ε) + b), and its gradient from y alone: the leaky activation is
// inverted, and with bn = leaky⁻¹(y) and γ = |w| + ε it is x̂ = (bn − b) / γ. So the convolution's output need not be
// kept, which halves the memory of a training step. The formulas stand in @csl/tresnet's KERNELS.md.
#include <cmath>

#include "fused-loops.h"
#include "fused.h"

namespace csl {
namespace {

// Σ (x − x₀) and Σ (x − x₀)²; x₀, the first pixel, keeps a common offset from cancelling.
template <typename T>
CSL_INLINE void statistics(const char* from, int64_t rows, int64_t channels, const float* first, double* sums) {
  auto x = reinterpret_cast<const T*>(from);
  columnSums<2>(
      rows, channels, sums,
      [&](int64_t i, int64_t c, Lanes* out) CSL_LAMBDA {
        out[0] = loadLanes(x + i) - loadLanes(first + c);
        out[1] = out[0] * out[0];
      },
      [&](int64_t i, int64_t c, float* out) CSL_LAMBDA {
        out[0] = load(x[i]) - first[c];
        out[1] = out[0] * out[0];
      });
}
CSL_BOTH_TYPES(statistics, (const char* x, int64_t rows, int64_t channels, const float* first, double* sums),
               (x, rows, channels, first, sums))

template <typename T>
CSL_INLINE void normalize(const char* from, char* to, int64_t rows, int64_t channels, const float* scale,
                          const float* shift, float slope) {
  auto x = reinterpret_cast<const T*>(from);
  auto y = reinterpret_cast<T*>(to);
  for (int64_t row = 0; row < rows; row++, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; c++) {
      float bn = load(x[c]) * scale[c] + shift[c];
      store(y[c], bn > 0 ? bn : bn * slope);
    }
  }
}
CSL_BOTH_TYPES(normalize,
               (const char* x, char* y, int64_t rows, int64_t channels, const float* scale, const float* shift,
                float slope),
               (x, y, rows, channels, scale, shift, slope))

// Σ dz and Σ dz · γ·x̂.
template <typename T>
CSL_INLINE void gradientSums(const char* upstream, const char* kept, int64_t rows, int64_t channels,
                             const float* bias, float slope, double* sums) {
  auto dy = reinterpret_cast<const T*>(upstream);
  auto y = reinterpret_cast<const T*>(kept);
  float inverse = 1 / slope;
  columnSums<2>(
      rows, channels, sums,
      [&](int64_t i, int64_t c, Lanes* out) CSL_LAMBDA {
        Lanes g = loadLanes(dy + i);
        Lanes v = loadLanes(y + i);
        out[0] = v > 0 ? g : g * slope;
        out[1] = out[0] * ((v > 0 ? v : v * inverse) - loadLanes(bias + c));
      },
      [&](int64_t i, int64_t c, float* out) CSL_LAMBDA {
        float v = load(y[i]);
        out[0] = v > 0 ? load(dy[i]) : load(dy[i]) * slope;
        out[1] = out[0] * ((v > 0 ? v : v * inverse) - bias[c]);
      });
}
CSL_BOTH_TYPES(gradientSums,
               (const char* dy, const char* y, int64_t rows, int64_t channels, const float* bias, float slope,
                double* sums),
               (dy, y, rows, channels, bias, slope, sums))

// dx = dz · factor + bn · alongX + constant.
template <typename T>
CSL_INLINE void gradient(const char* upstream, const char* kept, char* to, int64_t rows, int64_t channels,
                         const float* factor, const float* alongX, const float* constant, float slope) {
  auto dy = reinterpret_cast<const T*>(upstream);
  auto y = reinterpret_cast<const T*>(kept);
  auto dx = reinterpret_cast<T*>(to);
  float inverse = 1 / slope;
  for (int64_t row = 0; row < rows; row++, dy += channels, y += channels, dx += channels) {
    for (int64_t c = 0; c < channels; c++) {
      float v = load(y[c]);
      float g = load(dy[c]);
      float dz = v > 0 ? g : g * slope;
      float bn = v > 0 ? v : v * inverse;
      store(dx[c], dz * factor[c] + bn * alongX[c] + constant[c]);
    }
  }
}
CSL_BOTH_TYPES(gradient,
               (const char* dy, const char* y, char* dx, int64_t rows, int64_t channels, const float* factor,
                const float* alongX, const float* constant, float slope),
               (dy, y, dx, rows, channels, factor, alongX, constant, slope))

at::Tensor gammaOf(const at::Tensor& weight, double epsilon) { return weight.abs().add(epsilon); }

at::Tensor activated(const at::Tensor& bn, double slope) { return slope == 1 ? bn : at::leaky_relu(bn, slope); }

// A device normalises in one pass, with sums in float32 whatever is stored: [rows, channels] is channels-last to libtorch.
at::Tensor asRows(const at::Tensor& x) { return x.reshape({-1, x.size(-1)}); }

at::Tensor activateInPlace(at::Tensor bn, double slope) { return slope == 1 ? bn : at::leaky_relu_(bn, slope); }

at::Tensor normalized(const at::Tensor& x, const at::Tensor& mean, const at::Tensor& variance,
                      const at::Tensor& weight, const at::Tensor& bias, double epsilon, double slope) {
  if (!inHostMemory(x)) {
    auto bn = at::native_batch_norm(asRows(x), gammaOf(weight, epsilon), bias, mean, variance, false, 0, epsilon);
    return activateInPlace(std::get<0>(bn), slope).reshape(x.sizes());
  }
  auto scale = gammaOf(weight, epsilon).mul(variance.add(epsilon).rsqrt());
  auto shift = bias.sub(mean.mul(scale));
  auto y = at::empty_like(x);
  int64_t channels = x.size(-1);
  auto scales = scale.contiguous();
  auto shifts = shift.contiguous();
  at::parallel_for(0, x.numel() / channels, rowGrain(channels), [&](int64_t begin, int64_t end) {
    CSL_DISPATCH(x.scalar_type(), normalize,
                 (at_(x, begin * channels), into(y, begin * channels), end - begin, channels,
                  scales.data_ptr<float>(), shifts.data_ptr<float>(), static_cast<float>(slope)));
  });
  return y;
}

// (x, weight, bias; ε, slope) → y, batch mean, biased batch variance
Tensors abn(const Tensors& in, const Numbers& n) {
  const auto& x = in[0];
  int64_t channels = x.size(-1);
  int64_t rows = x.numel() / channels;
  if (!inHostMemory(x)) {
    auto [bn, average, inverse] =
        at::native_batch_norm(asRows(x), gammaOf(in[1], n[0]), in[2], {}, {}, /*training=*/true, 0, n[0]);
    auto y = activateInPlace(bn, n[1]).reshape(x.sizes());
    return {y, average, inverse.pow(-2).sub(n[0]).clamp_min(0)};
  }
  auto first = x.reshape({rows, channels}).select(0, 0).to(at::kFloat).contiguous();
  auto sums = parallelSums(rows, 2 * channels, channels, [&](int64_t begin, int64_t end, double* to) {
    CSL_DISPATCH(x.scalar_type(), statistics,
                 (at_(x, begin * channels), end - begin, channels, first.data_ptr<float>(), to));
  });
  auto mean = at::empty({channels}, x.options().dtype(at::kFloat));
  auto variance = at::empty({channels}, x.options().dtype(at::kFloat));
  for (int64_t c = 0; c < channels; c++) {
    double average = sums[c] / rows;
    mean.data_ptr<float>()[c] = static_cast<float>(average + first.data_ptr<float>()[c]);
    double spread = sums[channels + c] / rows - average * average;
    variance.data_ptr<float>()[c] = static_cast<float>(spread < 0 ? 0 : spread);  // a NaN stays one
  }
  return {normalized(x, mean, variance, in[1], in[2], n[0], n[1]), mean, variance};
}

// (x, weight, bias, mean, variance; ε, slope) → y
Tensors abnInference(const Tensors& in, const Numbers& n) {
  return {normalized(in[0], in[3], in[4], in[1], in[2], n[0], n[1])};
}

struct Norm {
  at::Tensor weight, gamma, bias, inverse;
};

// sign(0) = +1: a weight of exactly 0 must train.
at::Tensor signedLike(const at::Tensor& weight, const at::Tensor& dgamma) {
  return at::where(weight.lt(0), dgamma.neg(), dgamma);
}

// libtorch's own gradient of a batch norm, told that bn = leaky⁻¹(y) was its input: that has the mean b and the deviation γ, so its
// x̂ is ours, and with γ² · inverse for a weight its factor γ² · inverse / γ is ours, too. Two tensors of y's size as it is
// stored, instead of six in float32.
Tensors gradientOnDevice(const at::Tensor& dy, const at::Tensor& y, const Norm& norm, double slope, bool frozen) {
  auto dz = asRows(slope == 1 ? dy : at::leaky_relu_backward(dy, y, slope, /*self_is_result=*/true));
  auto factor = norm.gamma.mul(norm.inverse);
  auto [dx, dgamma, dbias] = at::native_batch_norm_backward(
      dz, asRows(activated(y, 1 / slope)), norm.gamma.mul(factor), {}, {}, norm.bias, norm.gamma.reciprocal(),
      /*train=*/true, 0, {!frozen, true, true});
  if (frozen) dx = dz.mul(factor).to(dz.scalar_type());
  return {dx.reshape(y.sizes()), signedLike(norm.weight, dgamma), dbias};
}

// (dy, y, weight, bias, variance; ε, slope, frozen) → dx, dweight, dbias
Tensors abnGradient(const Tensors& in, const Numbers& n) {
  const auto &y = in[1], &weight = in[2], &bias = in[3];
  auto dy = in[0].to(y.scalar_type()).contiguous();
  double epsilon = n[0], slope = n[1];
  bool frozen = n[2] != 0;
  int64_t channels = y.size(-1);
  int64_t rows = y.numel() / channels;
  bool host = inHostMemory(y);
  at::Tensor sumDz, sumScaled;
  if (host) {
    auto b = bias.contiguous();
    auto sums = parallelSums(rows, 2 * channels, channels, [&](int64_t begin, int64_t end, double* to) {
      CSL_DISPATCH(y.scalar_type(), gradientSums,
                   (at_(dy, begin * channels), at_(y, begin * channels), end - begin, channels,
                    b.data_ptr<float>(), static_cast<float>(slope), to));
    });
    auto both = at::from_blob(sums.data(), {2, channels}, at::kDouble).to(at::kFloat);
    sumDz = both.select(0, 0);
    sumScaled = both.select(0, 1);
  }
  auto gamma = gammaOf(weight, epsilon);
  if (!host) return gradientOnDevice(dy, y, {weight, gamma, bias, in[4].add(epsilon).rsqrt()}, slope, frozen);
  auto dgamma = sumScaled.div(gamma);
  auto dweight = signedLike(weight, dgamma);
  auto inverse = in[4].add(epsilon).rsqrt();
  auto factor = gamma.mul(inverse).contiguous();
  auto along = frozen ? at::zeros_like(factor) : dgamma.mul(inverse).div(-static_cast<double>(rows)).contiguous();
  auto constant = frozen ? at::zeros_like(factor)
                         : sumDz.mul(factor).div(-static_cast<double>(rows)).sub(along.mul(bias)).contiguous();
  auto dx = at::empty_like(y);
  at::parallel_for(0, rows, rowGrain(channels), [&](int64_t begin, int64_t end) {
    CSL_DISPATCH(y.scalar_type(), gradient,
                 (at_(dy, begin * channels), at_(y, begin * channels), into(dx, begin * channels), end - begin,
                  channels, factor.data_ptr<float>(), along.data_ptr<float>(), constant.data_ptr<float>(),
                  static_cast<float>(slope)));
  });
  return {dx, dweight, sumDz.clone()};
}

const Fused fused[] = {{"abn", abn}, {"abnInference", abnInference}, {"abnGradient", abnGradient}};

}  // namespace
}  // namespace csl
