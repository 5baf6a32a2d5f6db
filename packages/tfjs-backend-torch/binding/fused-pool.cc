// The two ways in which TResNet halves an image: the blur pool ([1,2,1]x[1,2,1]/16, reflect padding, stride 2) and the
// average pool that rounds up, each with its gradient. Both are separable; the shape [batch, h, w, c] is NHWC.
#include <algorithm>

#include "fused-loops.h"
#include "fused.h"

namespace csl {
namespace {

int64_t reflected(int64_t i, int64_t n) { return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i; }

// A row of the result from the three rows around it; `line` has room for one row.
template <typename T>
CSL_INLINE void blurRow(const char* above, const char* here, const char* below, char* to, float* line, int64_t width,
                        int64_t channels) {
  auto a = reinterpret_cast<const T*>(above);
  auto b = reinterpret_cast<const T*>(here);
  auto c = reinterpret_cast<const T*>(below);
  auto out = reinterpret_cast<T*>(to);
  for (int64_t i = 0; i < width * channels; i++) line[i] = load(a[i]) + 2 * load(b[i]) + load(c[i]);
  for (int64_t j = 0; 2 * j < width; j++, out += channels) {
    // Inline: reflected() is no part of the clone.
    int64_t left = j == 0 ? 1 : 2 * j - 1;
    int64_t right = 2 * j + 1 < width ? 2 * j + 1 : 2 * j - 1;
    const float *l = line + left * channels, *m = line + 2 * j * channels, *r = line + right * channels;
    for (int64_t k = 0; k < channels; k++) store(out[k], (l[k] + 2 * m[k] + r[k]) * (1.0f / 16));
  }
}
CSL_BOTH_TYPES(blurRow,
               (const char* a, const char* b, const char* c, char* to, float* line, int64_t width, int64_t channels),
               (a, b, c, to, line, width, channels))

// A row of dx from at most two rows of dy with their weights; then the same along the row.
template <typename T>
CSL_INLINE void blurBackRow(const char* first, float wf, const char* second, float ws, char* to, float* line,
                            int64_t width, int64_t half, int64_t channels) {
  auto a = reinterpret_cast<const T*>(first);
  auto b = reinterpret_cast<const T*>(second);
  auto out = reinterpret_cast<T*>(to);
  for (int64_t i = 0; i < half * channels; i++) line[i] = load(a[i]) * wf + load(b[i]) * ws;
  for (int64_t x = 0; x < width; x++, out += channels) {
    int64_t j = x / 2;
    const float* l = line + j * channels;
    if (x % 2 == 0) {
      for (int64_t k = 0; k < channels; k++) store(out[k], l[k] * 0.5f);
      continue;
    }
    float wl = j == 0 || (width % 2 == 1 && j == half - 1) ? 0.5f : 0.25f;
    float wr = j + 1 >= half ? 0 : width % 2 == 1 && j + 1 == half - 1 ? 0.5f : 0.25f;
    const float* r = j + 1 < half ? l + channels : l;
    for (int64_t k = 0; k < channels; k++) store(out[k], l[k] * wl + r[k] * wr);
  }
}
CSL_BOTH_TYPES(blurBackRow,
               (const char* a, float wa, const char* b, float wb, char* to, float* line, int64_t width, int64_t half,
                int64_t channels),
               (a, wa, b, wb, to, line, width, half, channels))

template <typename T>
CSL_INLINE void averageRow(const char* above, const char* below, char* to, int64_t width, int64_t channels) {
  auto a = reinterpret_cast<const T*>(above);
  auto b = reinterpret_cast<const T*>(below);
  auto out = reinterpret_cast<T*>(to);
  for (int64_t j = 0; 2 * j < width; j++, out += channels) {
    int64_t l = 2 * j * channels;
    int64_t r = 2 * j + 1 < width ? l + channels : l;
    for (int64_t k = 0; k < channels; k++)
      store(out[k], (load(a[l + k]) + load(a[r + k]) + load(b[l + k]) + load(b[r + k])) * 0.25f);
  }
}
CSL_BOTH_TYPES(averageRow, (const char* a, const char* b, char* to, int64_t width, int64_t channels),
               (a, b, to, width, channels))

template <typename T>
CSL_INLINE void averageBackRow(const char* from, char* to, float share, int64_t width, int64_t channels) {
  auto dy = reinterpret_cast<const T*>(from);
  auto out = reinterpret_cast<T*>(to);
  for (int64_t x = 0; x < width; x++, out += channels) {
    const T* d = dy + x / 2 * channels;
    float s = x % 2 == 0 && x + 1 == width ? share : share * 0.5f;
    for (int64_t k = 0; k < channels; k++) store(out[k], load(d[k]) * s);
  }
}
CSL_BOTH_TYPES(averageBackRow, (const char* from, char* to, float share, int64_t width, int64_t channels),
               (from, to, share, width, channels))

// Calls `row(batch · height, h, line)` for every row of the result, with a line of scratch per thread.
template <typename Row>
void overRows(int64_t batch, int64_t height, int64_t scratch, Row row) {
  at::parallel_for(0, batch * height, 4, [&](int64_t begin, int64_t end) {
    std::vector<float> line(scratch);
    for (int64_t i = begin; i < end; i++) row(i / height, i % height, line.data());
  });
}

at::Tensor nchw(const at::Tensor& x) { return x.permute({0, 3, 1, 2}); }
at::Tensor nhwc(const at::Tensor& x) { return x.permute({0, 2, 3, 1}).contiguous(); }

at::Tensor blurFilter(int64_t channels, const at::Tensor& like) {
  // Filled where it lies: numbers of the host would have to be copied, which no recording allows.
  auto line = at::full({3}, 0.25, like.options());
  line.select(0, 1).fill_(0.5);
  return line.outer(line).reshape({1, 1, 3, 3}).repeat({channels, 1, 1, 1});
}

// (x [b, h, w, c]) → [b, ⌈h/2⌉, ⌈w/2⌉, c]
Tensors blurPool(const Tensors& in, const Numbers&) {
  auto x = in[0].contiguous();
  int64_t batch = x.size(0), height = x.size(1), width = x.size(2), channels = x.size(3);
  if (!inHostMemory(x)) {
    auto padded = at::reflection_pad2d(nchw(x), {1, 1, 1, 1});
    return {nhwc(at::convolution(padded, blurFilter(channels, x), {}, {2, 2}, {0, 0}, {1, 1}, false, {0, 0}, channels))};
  }
  int64_t rows = (height + 1) / 2, columns = (width + 1) / 2, side = width * channels;
  auto y = at::empty({batch, rows, columns, channels}, x.options());
  overRows(batch, rows, side, [&](int64_t b, int64_t i, float* line) {
    auto row = [&](int64_t h) { return at_(x, (b * height + reflected(h, height)) * side); };
    CSL_DISPATCH(x.scalar_type(), blurRow,
                 (row(2 * i - 1), row(2 * i), row(2 * i + 1), into(y, (b * rows + i) * columns * channels), line,
                  width, channels));
  });
  return {y};
}

// The gradient of a reflected border of one pixel. libtorch's own adds in an order of chance on a GPU.
at::Tensor withoutBorder(const at::Tensor& padded) {
  int64_t height = padded.size(2) - 2, width = padded.size(3) - 2;
  auto rows = padded.narrow(2, 1, height).clone();
  rows.narrow(2, 1, 1).add_(padded.narrow(2, 0, 1));
  rows.narrow(2, height - 2, 1).add_(padded.narrow(2, height + 1, 1));
  auto out = rows.narrow(3, 1, width);
  out.narrow(3, 1, 1).add_(rows.narrow(3, 0, 1));
  out.narrow(3, width - 2, 1).add_(rows.narrow(3, width + 1, 1));
  return out;
}

// (dy; b, h, w, c) → dx [b, h, w, c]
Tensors blurPoolGradient(const Tensors& in, const Numbers& n) {
  auto dy = in[0].contiguous();
  int64_t batch = n[0], height = n[1], width = n[2], channels = n[3];
  int64_t rows = dy.size(1), columns = dy.size(2);
  if (!inHostMemory(dy)) {
    auto padded = at::empty({batch, channels, height + 2, width + 2}, dy.options());
    auto spread = std::get<0>(at::convolution_backward(nchw(dy), padded, blurFilter(channels, dy), c10::nullopt, {2, 2},
                                                       {0, 0}, {1, 1}, false, {0, 0}, channels, {true, false, false}));
    return {nhwc(withoutBorder(spread))};
  }
  auto dx = at::empty({batch, height, width, channels}, dy.options());
  overRows(batch, height, columns * channels, [&](int64_t b, int64_t h, float* line) {
    int64_t i = h / 2;
    bool odd = h % 2 == 1, cut = height % 2 == 1;
    float first = !odd || i == 0 || (cut && i == rows - 1) ? 0.5f : 0.25f;
    float second = !odd || i + 1 >= rows ? 0 : cut && i + 1 == rows - 1 ? 0.5f : 0.25f;
    auto row = [&](int64_t r) { return at_(dy, (b * rows + std::min(r, rows - 1)) * columns * channels); };
    CSL_DISPATCH(dy.scalar_type(), blurBackRow,
                 (row(i), first, row(second == 0 ? i : i + 1), second,
                  into(dx, (b * height + h) * width * channels), line, width, columns, channels));
  });
  return {dx};
}

// (x) → the mean of what is in each 2x2 window
Tensors ceilAvgPool(const Tensors& in, const Numbers&) {
  auto x = in[0].contiguous();
  int64_t batch = x.size(0), height = x.size(1), width = x.size(2), channels = x.size(3);
  if (!inHostMemory(x)) return {nhwc(at::avg_pool2d(nchw(x), {2, 2}, {2, 2}, {0, 0}, true, false))};
  int64_t rows = (height + 1) / 2, columns = (width + 1) / 2, side = width * channels;
  auto y = at::empty({batch, rows, columns, channels}, x.options());
  overRows(batch, rows, 0, [&](int64_t b, int64_t i, float*) {
    auto row = [&](int64_t h) { return at_(x, (b * height + std::min(h, height - 1)) * side); };
    CSL_DISPATCH(x.scalar_type(), averageRow,
                 (row(2 * i), row(2 * i + 1), into(y, (b * rows + i) * columns * channels), width, channels));
  });
  return {y};
}

Tensors ceilAvgPoolGradient(const Tensors& in, const Numbers& n) {
  auto dy = in[0].contiguous();
  int64_t batch = n[0], height = n[1], width = n[2], channels = n[3];
  int64_t rows = dy.size(1), columns = dy.size(2);
  if (!inHostMemory(dy)) {
    auto like = at::empty({batch, height, width, channels}, dy.options());
    return {nhwc(at::avg_pool2d_backward(nchw(dy), nchw(like), {2, 2}, {2, 2}, {0, 0}, true, false, c10::nullopt))};
  }
  auto dx = at::empty({batch, height, width, channels}, dy.options());
  overRows(batch, height, 0, [&](int64_t b, int64_t h, float*) {
    float share = h % 2 == 0 && h + 1 == height ? 1 : 0.5f;
    CSL_DISPATCH(dy.scalar_type(), averageBackRow,
                 (at_(dy, (b * rows + h / 2) * columns * channels), into(dx, (b * height + h) * width * channels),
                  share, width, channels));
  });
  return {dx};
}

const Fused fused[] = {{"blurPool", blurPool},
                       {"blurPoolGradient", blurPoolGradient},
                       {"ceilAvgPool", ceilAvgPool},
                       {"ceilAvgPoolGradient", ceilAvgPoolGradient}};

}  // namespace
}  // namespace csl
