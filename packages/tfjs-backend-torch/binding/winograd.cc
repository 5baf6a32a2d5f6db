#include "winograd.h"

#include <algorithm>

#include "winograd-tiles.h"

namespace csl {

#ifdef CSL_WINOGRAD

namespace winograd {
namespace {

constexpr int64_t most = 12;  // rows of a product whose sums stay in registers

// A group of tiles times a panel of the filter at one point: m[row, 32] = Σ v[row, k] · u[k, 32].
template <int rows>
CSL_WIDE void multiply(const float* v, int64_t vChunk, const float* u, int64_t inputs, float* m, int64_t mChunk) {
  __m512 sum[rows][2];
#pragma GCC unroll 12
  for (int r = 0; r < rows; r++) sum[r][0] = sum[r][1] = _mm512_setzero_ps();
  for (int64_t c = 0; c < inputs; c += chunk, v += vChunk) {
#pragma GCC unroll 4
    for (int64_t k = 0; k < chunk; k++, u += panel) {
      __m512 left = _mm512_loadu_ps(u), right = _mm512_loadu_ps(u + chunk);
#pragma GCC unroll 12
      for (int r = 0; r < rows; r++) {
        __m512 value = _mm512_set1_ps(v[r * chunk + k]);
        sum[r][0] = _mm512_fmadd_ps(value, left, sum[r][0]);
        sum[r][1] = _mm512_fmadd_ps(value, right, sum[r][1]);
      }
    }
  }
#pragma GCC unroll 12
  for (int r = 0; r < rows; r++) {
    _mm512_storeu_ps(m + r * chunk, sum[r][0]);
    _mm512_storeu_ps(m + mChunk + r * chunk, sum[r][1]);
  }
}

using Multiply = void (*)(const float*, int64_t, const float*, int64_t, float*, int64_t);
constexpr Multiply multiplies[] = {multiply<1>, multiply<2>, multiply<3>, multiply<4>,  multiply<5>,  multiply<6>,
                                   multiply<7>, multiply<8>, multiply<9>, multiply<10>, multiply<11>, multiply<12>};

// A filter seen as [tap][input][output]: in numbers from one to the next. Outputs are neighbours.
struct Filter {
  const float* first;
  int64_t tap, input;
};

// 32 outputs of a filter at the 36 points, [36, inputs, 32].
CSL_WIDE void panelToPoints(const Filter& filter, int64_t inputs, float* out) {
  for (int64_t i = 0; i < inputs; i++) {
    for (int64_t c = 0; c < panel; c += chunk) {
      __m512 taps[9], half[18];
      for (int64_t t = 0; t < 9; t++) taps[t] = _mm512_loadu_ps(filter.first + t * filter.tap + i * filter.input + c);
#pragma GCC unroll 3
      for (int64_t k = 0; k < 3; k++) ofFilter(taps + k * 3, 1, half + k * reach, 1);
#pragma GCC unroll 6
      for (int64_t k = 0; k < reach; k++) {
        __m512 column[6];
        ofFilter(half + k, reach, column, 1);
        for (int64_t j = 0; j < reach; j++) {
          _mm512_storeu_ps(out + ((j * reach + k) * inputs + i) * panel + c, column[j]);
        }
      }
    }
  }
}

// What a convolution is made of; `T` is the type of the data.
template <typename T>
struct Convolution {
  const T* x;
  T* y;
  Pictures pictures;
  Filter filter;
  int64_t inputs, outputs;
  const float* bias;
  float slope;

  // Tiles [begin, end), which lie from `v` on, times a panel of the filter.
  void part(const float* v, const Layout& list, const float* u, int64_t output, int64_t begin, int64_t end,
            float* m) const {
    int64_t tiles = end - begin;
    Layout result{tiles, panel, tiles};
    for (int64_t point = 0; point < points; point++) {
      for (int64_t row = 0; row < tiles; row += most) {
        multiplies[std::min(most, tiles - row) - 1](v + point * list.stride() + list.at(row, 0), list.chunkStride(),
                                                    u + point * inputs * panel, inputs,
                                                    m + point * result.stride() + result.at(row, 0),
                                                    result.chunkStride());
      }
    }
    pointsToResult(m, result, y, pictures, outputs, output, panel, begin, end, bias, slope);
  }

  Filter from(int64_t output) const { return {filter.first + output, filter.tap, filter.input}; }
};

at::Tensor memory(int64_t count) { return at::empty({count}, at::kFloat); }
float* floats(const at::Tensor& memory) { return memory.data_ptr<float>(); }

// Small filters, many tiles: every thread takes blocks of tiles through all three steps inside its second cache.
template <typename T>
void byTiles(const Convolution<T>& conv) {
  int64_t inputs = conv.inputs, tiles = conv.pictures.tiles(), panels = conv.outputs / panel;
  auto filter = memory(points * inputs * conv.outputs);
  float* u = floats(filter);
  at::parallel_for(0, panels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) panelToPoints(conv.from(o * panel), inputs, u + o * panel * points * inputs);
  });
  int64_t fitting = std::max<int64_t>(1, 800000 / (points * 4 * (inputs + panel)) / most) * most;
  int64_t blocks = (tiles + fitting - 1) / fitting;
  at::parallel_for(0, blocks, (blocks + at::get_num_threads() - 1) / at::get_num_threads(), [&](int64_t from, int64_t to) {
    Layout list{most, inputs, fitting}, result{fitting, panel, fitting};
    auto scratch = memory(points * (list.stride() + result.stride()));
    float *v = floats(scratch), *m = v + points * list.stride();
    for (int64_t b = from; b < to; b++) {
      int64_t begin = b * fitting, end = std::min(tiles, begin + fitting);
      dataToPoints(conv.x, conv.pictures, inputs, begin, end, v, 0, list);
      for (int64_t o = 0; o < panels; o++) {
        conv.part(v, list, u + o * panel * points * inputs, o * panel, begin, end, m);
      }
    }
  });
}

// Large filters: all tiles, or as many as the third cache takes, are prepared first; then every thread takes panels of the
// filter, prepares them, and passes all tiles by them.
template <typename T>
void byPanels(const Convolution<T>& conv) {
  int64_t inputs = conv.inputs, tiles = conv.pictures.tiles();
  int64_t threads = at::get_num_threads(), panels = conv.outputs / panel;
  int64_t rounds = std::max<int64_t>(1, (tiles * points * inputs * 4 + (10 << 20)) / (20 << 20));
  int64_t count = (tiles + rounds - 1) / rounds;
  Layout list{count, inputs, count};
  auto data = memory(points * list.stride());
  float* v = floats(data);
  int64_t parts = std::max<int64_t>(1, threads / panels);
  constexpr int64_t block = 4 * most;
  for (int64_t begin = 0; begin < tiles; begin += count) {
    int64_t end = std::min(tiles, begin + count), blocks = (end - begin + block - 1) / block;
    at::parallel_for(begin, end, 4, [&](int64_t from, int64_t to) {
      dataToPoints(conv.x, conv.pictures, inputs, from, to, v, from - begin, list);
    });
    at::parallel_for(0, panels * parts, 1, [&](int64_t from, int64_t to) {
      auto scratch = memory(points * (inputs + block + 1) * panel);
      float *u = floats(scratch), *m = u + points * inputs * panel;
      for (int64_t i = from; i < to; i++) {
        int64_t output = i / parts * panel;
        panelToPoints(conv.from(output), inputs, u);
        for (int64_t b = blocks * (i % parts) / parts; b < blocks * (i % parts + 1) / parts; b++) {
          int64_t first = b * block;
          conv.part(v + list.at(first, 0), list, u, output, begin + first, std::min(end, begin + first + block), m);
        }
      }
    });
  }
}

template <typename T>
void run(const Convolution<T>& conv) {
  if (points * conv.inputs * conv.outputs * 4 <= 4 << 20) return byTiles(conv);
  byPanels(conv);
}

}  // namespace

Pictures picturesOf(const at::Tensor& x, const ConvGeometry& geometry) {
  return {x.size(0), x.size(1), x.size(2), geometry.padding[0], geometry.padding[1],
          x.size(1) + 2 * geometry.padding[0] - 2, x.size(2) + 2 * geometry.padding[1] - 2};
}

}  // namespace winograd

namespace {

bool hasMatrixUnit() {
  unsigned a = 7, b = 0, c = 0, d = 0;
  __asm__ __volatile__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return d >> 22 & 1;
}

bool machineFits(at::ScalarType type) {
  static bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("fma");
  static bool halves = wide && __builtin_cpu_supports("avx512bf16") && !hasMatrixUnit();
  return type == at::kFloat ? wide : type == at::kBFloat16 && halves;
}

}  // namespace

bool fitsWinograd(const at::Tensor& x, at::IntArrayRef filter, const ConvGeometry& geometry) {
  auto between = [](const std::vector<int64_t>& pair, int64_t low, int64_t high) {
    return std::min(pair[0], pair[1]) >= low && std::max(pair[0], pair[1]) <= high;
  };
  if (!x.is_cpu() || x.numel() == 0 || filter[0] != 3 || filter[1] != 3 || filter[2] % winograd::chunk != 0 ||
      filter[2] < winograd::panel || filter[3] % winograd::panel != 0 || !between(geometry.stride, 1, 1) ||
      !between(geometry.dilation, 1, 1) || !between(geometry.padding, 0, 2) || !machineFits(x.scalar_type())) {
    return false;
  }
  auto pictures = winograd::picturesOf(x, geometry);
  if (pictures.outHeight < 1 || pictures.outWidth < 1) return false;
  // Preparing the filter must pay, and so must the pixels that tiles have beyond the edge.
  int64_t tiles = pictures.tiles(), pixels = x.size(0) * pictures.outHeight * pictures.outWidth;
  return tiles >= 24 && 2 * pixels >= tiles * winograd::side * winograd::side;
}

at::Tensor winogradConvolution(const at::Tensor& x, const at::Tensor& filter, bool turned, const at::Tensor& bias,
                               const ConvGeometry& geometry, double slope) {
  int64_t inputs = filter.size(turned ? 3 : 2), outputs = filter.size(turned ? 2 : 3);
  // Turned, the filter is wanted as [tap][out][in]; [out, 3, 3, in] has the inputs as neighbours.
  auto plain = turned ? outFirst(filter, at::kFloat) : filter.contiguous();
  auto* first = plain.data_ptr<float>();
  winograd::Filter taps = turned ? winograd::Filter{first + 8 * outputs, -outputs, 9 * outputs}
                                 : winograd::Filter{first, inputs * outputs, outputs};
  auto pictures = winograd::picturesOf(x, geometry);
  auto data = x.contiguous();
  auto shift = bias.defined() ? bias.to(at::kFloat).contiguous() : bias;
  auto y = at::empty({x.size(0), pictures.outHeight, pictures.outWidth, outputs}, x.options());
  auto go = [&]<typename T>(T*) {
    winograd::run<T>({static_cast<const T*>(data.data_ptr()), static_cast<T*>(y.data_ptr()), pictures, taps, inputs,
                      outputs, shift.defined() ? shift.data_ptr<float>() : nullptr, static_cast<float>(slope)});
  };
  if (x.scalar_type() == at::kFloat) go(static_cast<float*>(nullptr));
  else go(static_cast<Bf16*>(nullptr));
  return y;
}

#else

bool fitsWinograd(const at::Tensor&, at::IntArrayRef, const ConvGeometry&) { return false; }
at::Tensor winogradConvolution(const at::Tensor&, const at::Tensor&, bool, const at::Tensor&, const ConvGeometry&, double) {
  return {};
}

#endif

}  // namespace csl
