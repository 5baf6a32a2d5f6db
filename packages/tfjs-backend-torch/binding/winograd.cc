// The forward pass and the gradient with respect to the input by F(4x4, 3x3) in float32.
#include <algorithm>

#include "winograd-tiles.h"
#include "winograd.h"

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

// What a convolution is made of.
struct Convolution {
  const float* x;
  float* y;
  Images images;
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
    pointsToResult(m, result, y, images, outputs, output, panel, begin, end, bias, slope);
  }

  Filter from(int64_t output) const { return {filter.first + output, filter.tap, filter.input}; }
};

at::Tensor memory(int64_t count) { return at::empty({count}, at::kFloat); }
float* floats(const at::Tensor& memory) { return memory.data_ptr<float>(); }

// Small filters, many tiles: every thread takes blocks of tiles through all three steps inside its second cache.
void byTiles(const Convolution& conv) {
  int64_t inputs = conv.inputs, tiles = conv.images.tiles(), panels = conv.outputs / panel;
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
      dataToPoints(conv.x, conv.images, inputs, begin, end, v, 0, list);
      for (int64_t o = 0; o < panels; o++) {
        conv.part(v, list, u + o * panel * points * inputs, o * panel, begin, end, m);
      }
    }
  });
}

// Large filters: all tiles, or as many as the third cache takes, are prepared first; then every thread takes panels of the
// filter, prepares them, and passes all tiles by them.
void byPanels(const Convolution& conv) {
  int64_t inputs = conv.inputs, tiles = conv.images.tiles();
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
      dataToPoints(conv.x, conv.images, inputs, from, to, v, from - begin, list);
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

}  // namespace

void convolution(const float* x, float* y, const Images& images, const Filter& filter, int64_t inputs,
                 int64_t outputs, const float* bias, float slope) {
  Convolution conv{x, y, images, filter, inputs, outputs, bias, slope};
  if (points * inputs * outputs * 4 <= 4 << 20) return byTiles(conv);
  byPanels(conv);
}

}  // namespace winograd

#endif

}  // namespace csl
