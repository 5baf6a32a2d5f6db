// Squeeze-and-excitation y = x · σ(relu(mean(x)·W1 + b1)·W2 + b2), and the end of a residual block, relu(a + b).
#include "fused-loops.h"
#include "fused.h"

namespace csl {
namespace {

template <typename T>
CSL_INLINE void sumRows(const char* from, int64_t rows, int64_t channels, double* sums) {
  auto x = reinterpret_cast<const T*>(from);
  columnSums<1>(
      rows, channels, sums, [&](int64_t i, int64_t, Lanes* out) CSL_LAMBDA { out[0] = loadLanes(x + i); },
      [&](int64_t i, int64_t, float* out) CSL_LAMBDA { out[0] = load(x[i]); });
}
CSL_BOTH_TYPES(sumRows, (const char* x, int64_t rows, int64_t channels, double* sums), (x, rows, channels, sums))

template <typename T>
CSL_INLINE void sumProducts(const char* left, const char* right, int64_t rows, int64_t channels, double* sums) {
  auto a = reinterpret_cast<const T*>(left);
  auto b = reinterpret_cast<const T*>(right);
  columnSums<1>(
      rows, channels, sums,
      [&](int64_t i, int64_t, Lanes* out) CSL_LAMBDA { out[0] = loadLanes(a + i) * loadLanes(b + i); },
      [&](int64_t i, int64_t, float* out) CSL_LAMBDA { out[0] = load(a[i]) * load(b[i]); });
}
CSL_BOTH_TYPES(sumProducts, (const char* a, const char* b, int64_t rows, int64_t channels, double* sums),
               (a, b, rows, channels, sums))

// y = x · gain + shift per channel of one image.
template <typename T>
CSL_INLINE void scaleRows(const char* from, char* to, int64_t rows, int64_t channels, const float* gain,
                          const float* shift) {
  auto x = reinterpret_cast<const T*>(from);
  auto y = reinterpret_cast<T*>(to);
  for (int64_t row = 0; row < rows; row++, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; c++) store(y[c], load(x[c]) * gain[c] + shift[c]);
  }
}
CSL_BOTH_TYPES(scaleRows,
               (const char* x, char* y, int64_t rows, int64_t channels, const float* gain, const float* shift),
               (x, y, rows, channels, gain, shift))

template <typename T>
CSL_INLINE void addReluLoop(const char* left, const char* right, char* to, int64_t count) {
  auto a = reinterpret_cast<const T*>(left);
  auto b = reinterpret_cast<const T*>(right);
  auto y = reinterpret_cast<T*>(to);
  for (int64_t i = 0; i < count; i++) {
    float sum = load(a[i]) + load(b[i]);
    store(y[i], sum < 0 ? 0 : sum);  // a NaN stays one
  }
}
CSL_BOTH_TYPES(addReluLoop, (const char* a, const char* b, char* y, int64_t count), (a, b, y, count))

template <typename T>
CSL_INLINE void addReluBackLoop(const char* upstream, const char* kept, char* to, int64_t count) {
  auto dy = reinterpret_cast<const T*>(upstream);
  auto y = reinterpret_cast<const T*>(kept);
  auto dx = reinterpret_cast<T*>(to);
  for (int64_t i = 0; i < count; i++) store(dx[i], load(y[i]) > 0 ? load(dy[i]) : 0);
}
CSL_BOTH_TYPES(addReluBackLoop, (const char* dy, const char* y, char* dx, int64_t count), (dy, y, dx, count))

constexpr int64_t grain = 32768;

// [b, pixels, c] → sums over the pixels, [b, c] float32. `loop(image, sums)` adds one image's.
template <typename Loop>
at::Tensor perImage(const at::Tensor& x, Loop loop) {
  int64_t batch = x.size(0), channels = x.size(-1);
  auto out = at::empty({batch, channels}, x.options().dtype(at::kFloat));
  at::parallel_for(0, batch, 1, [&](int64_t begin, int64_t end) {
    std::vector<double> sums(channels);
    for (int64_t b = begin; b < end; b++) {
      std::fill(sums.begin(), sums.end(), 0.0);
      loop(b, sums.data());
      for (int64_t c = 0; c < channels; c++) out.data_ptr<float>()[b * channels + c] = static_cast<float>(sums[c]);
    }
  });
  return out;
}

at::Tensor scaled(const at::Tensor& x, const at::Tensor& gain, const at::Tensor& shift) {
  int64_t batch = x.size(0), channels = x.size(-1), pixels = x.numel() / batch / channels;
  auto y = at::empty_like(x);
  at::parallel_for(0, batch, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      CSL_DISPATCH(x.scalar_type(), scaleRows,
                   (at_(x, b * pixels * channels), into(y, b * pixels * channels), pixels, channels,
                    gain.data_ptr<float>() + b * channels, shift.data_ptr<float>() + b * channels));
    }
  });
  return y;
}

at::Tensor matrix(const at::Tensor& w) { return w.reshape({w.size(-2), w.size(-1)}); }
at::Tensor overPixels(const at::Tensor& t) { return t.reshape({t.size(0), 1, 1, t.size(1)}); }

// (x, w1, b1, w2, b2) → y, pooled [b, c], hidden [b, r], gate [b, c]
Tensors squeezeExcite(const Tensors& in, const Numbers&) {
  auto x = in[0].contiguous();
  int64_t batch = x.size(0), channels = x.size(-1), pixels = x.numel() / batch / channels;
  bool host = inHostMemory(x);
  auto sums = host ? perImage(x,
                                [&](int64_t b, double* to) {
                                  CSL_DISPATCH(x.scalar_type(), sumRows,
                                               (at_(x, b * pixels * channels), pixels, channels, to));
                                })
                   : x.to(at::kFloat).sum(at::IntArrayRef{1, 2});
  auto pooled = sums.div(static_cast<double>(pixels));
  auto hidden = at::addmm(in[2], pooled, matrix(in[1])).relu();
  auto gate = at::addmm(in[4], hidden, matrix(in[3])).sigmoid();
  auto y = host ? scaled(x, gate, at::zeros_like(gate)) : x.mul(overPixels(gate).to(x.scalar_type()));
  return {y, pooled, hidden, gate};
}

// (dy, x, pooled, hidden, gate, w1, w2) → dx, dw1, db1, dw2, db2
Tensors squeezeExciteGradient(const Tensors& in, const Numbers&) {
  auto x = in[1].contiguous();
  auto dy = in[0].to(x.scalar_type()).contiguous();
  const auto &pooled = in[2], &hidden = in[3], &gate = in[4], &w1 = in[5], &w2 = in[6];
  int64_t batch = x.size(0), channels = x.size(-1), pixels = x.numel() / batch / channels;
  bool host = inHostMemory(x);
  auto dgate = host ? perImage(x,
                                 [&](int64_t b, double* to) {
                                   int64_t start = b * pixels * channels;
                                   CSL_DISPATCH(x.scalar_type(), sumProducts,
                                                (at_(dy, start), at_(x, start), pixels, channels, to));
                                 })
                    : dy.to(at::kFloat).mul(x).sum(at::IntArrayRef{1, 2});
  auto d2 = dgate.mul(gate).mul(gate.neg().add(1));
  auto d1 = at::mm(d2, matrix(w2).t()).mul(hidden.gt(0));
  auto dpooled = at::mm(d1, matrix(w1).t()).div(static_cast<double>(pixels)).contiguous();
  auto dx = host ? scaled(dy, gate, dpooled)
                 : dy.mul(overPixels(gate)).add(overPixels(dpooled)).to(x.scalar_type());
  return {dx, at::mm(pooled.t(), d1).reshape(w1.sizes()), d1.sum(0), at::mm(hidden.t(), d2).reshape(w2.sizes()),
          d2.sum(0)};
}

// (a, b) → max(a + b, 0)
Tensors addRelu(const Tensors& in, const Numbers&) {
  auto a = in[0].contiguous();
  auto b = in[1].to(a.scalar_type()).contiguous();
  if (!inHostMemory(a)) return {a.add(b).relu_()};
  auto y = at::empty_like(a);
  at::parallel_for(0, a.numel(), grain, [&](int64_t begin, int64_t end) {
    CSL_DISPATCH(a.scalar_type(), addReluLoop, (at_(a, begin), at_(b, begin), into(y, begin), end - begin));
  });
  return {y};
}

// (dy, y) → dy where y > 0
Tensors addReluGradient(const Tensors& in, const Numbers&) {
  auto y = in[1].contiguous();
  auto dy = in[0].to(y.scalar_type()).contiguous();
  if (!inHostMemory(y)) return {dy.mul(y.gt(0))};
  auto dx = at::empty_like(y);
  at::parallel_for(0, y.numel(), grain, [&](int64_t begin, int64_t end) {
    CSL_DISPATCH(y.scalar_type(), addReluBackLoop, (at_(dy, begin), at_(y, begin), into(dx, begin), end - begin));
  });
  return {dx};
}

const Fused fused[] = {{"squeezeExcite", squeezeExcite},
                       {"squeezeExciteGradient", squeezeExciteGradient},
                       {"addRelu", addRelu},
                       {"addReluGradient", addReluGradient}};

}  // namespace
}  // namespace csl
