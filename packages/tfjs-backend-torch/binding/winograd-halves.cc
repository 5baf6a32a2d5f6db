// The forward pass and the gradient with respect to the input by F(2x2, 3x3) between bfloat16 data.
#include <algorithm>

#include "winograd-halves.h"
#include "winograd.h"

namespace csl {

#ifdef CSL_WINOGRAD

namespace winograd::halves {
namespace {

constexpr int64_t most = 12;  // rows of a product whose sums stay in registers

// Tiles times a panel of the filter at one point: m[row, 32] = Σ v[row, k] · u[k, 32] over words k.
template <int rows>
CSL_WIDE void multiply(const Word* v, int64_t vChunk, const Word* u, int64_t words, float* m, int64_t mChunk) {
  __m512 sum[rows][2];
#pragma GCC unroll 12
  for (int r = 0; r < rows; r++) sum[r][0] = sum[r][1] = _mm512_setzero_ps();
  for (int64_t w = 0; w < words; w += chunk, v += vChunk) {
#pragma GCC unroll 4
    for (int64_t k = 0; k < chunk; k++, u += panel) {
      __m512i left = _mm512_loadu_si512(u), right = _mm512_loadu_si512(u + chunk);
#pragma GCC unroll 12
      for (int r = 0; r < rows; r++) {
        sum[r][0] = addProducts(sum[r][0], v[r * chunk + k], left);
        sum[r][1] = addProducts(sum[r][1], v[r * chunk + k], right);
      }
    }
  }
#pragma GCC unroll 12
  for (int r = 0; r < rows; r++) {
    _mm512_storeu_ps(m + r * chunk, sum[r][0]);
    _mm512_storeu_ps(m + mChunk + r * chunk, sum[r][1]);
  }
}

using Multiply = void (*)(const Word*, int64_t, const Word*, int64_t, float*, int64_t);
constexpr Multiply multiplies[] = {multiply<1>, multiply<2>, multiply<3>, multiply<4>,  multiply<5>,  multiply<6>,
                                   multiply<7>, multiply<8>, multiply<9>, multiply<10>, multiply<11>, multiply<12>};

// 32 outputs of a filter at the 16 points, [16, inputs / 2, 32] words.
CSL_WIDE void panelToPoints(const Filter& filter, int64_t inputs, Word* out) {
  for (int64_t i = 0; i < inputs; i += 2) {
    for (int64_t c = 0; c < panel; c += chunk) {
      __m512 at[2][points];
      for (int64_t k = 0; k < 2; k++) {
        __m512 taps[9], half[3 * reach];
        for (int64_t t = 0; t < 9; t++) {
          taps[t] = _mm512_loadu_ps(filter.first + t * filter.tap + (i + k) * filter.input + c);
        }
#pragma GCC unroll 3
        for (int64_t j = 0; j < 3; j++) ofFilter(taps + j * 3, 1, half + j * reach, 1);
#pragma GCC unroll 4
        for (int64_t j = 0; j < reach; j++) ofFilter(half + j, reach, at[k] + j, reach);
      }
      for (int64_t point = 0; point < points; point++) {
        _mm512_storeu_si512(out + (point * inputs / 2 + i / 2) * panel + c, paired(at[0][point], at[1][point]));
      }
    }
  }
}

// Tiles [begin, end) of the input, from the first place of a list on.
CSL_WIDE void dataToPoints(const Bf16* x, const Images& p, int64_t channels, int64_t begin, int64_t end, Word* out,
                           const Layout& layout) {
  int64_t stride = layout.stride();
  for (int64_t tile = begin; tile < end; tile++) {
    for (int64_t c = 0; c < channels; c += chunk) {
      __m512 at[points];
      dataAt(x, p, channels, tile, c, at);
      auto* to = reinterpret_cast<Bf16*>(out + layout.at(tile - begin, c / 2) + c / 2 % chunk);
      for (int64_t point = 0; point < points; point++) store16(to + 2 * point * stride, at[point]);
    }
  }
}

// From the points of a panel of outputs to pixels of the result, with bias and leaky activation.
CSL_WIDE void pointsToResult(const float* from, const Layout& layout, Bf16* y, const Images& p, int64_t outputs,
                             int64_t output, int64_t begin, int64_t end, const float* bias, float slope) {
  int64_t stride = layout.stride();
  for (int64_t tile = begin; tile < end; tile++) {
    Place place = placeOf(p, tile);
    int64_t rows = std::min(side, p.outHeight - place.y), columns = std::min(side, p.outWidth - place.x);
    for (int64_t c = 0; c < panel; c += chunk) {
      const float* m = from + layout.at(tile - begin, c);
      __m512 at[points], half[reach * side], result[side * side];
      for (int64_t point = 0; point < points; point++) at[point] = _mm512_loadu_ps(m + point * stride);
#pragma GCC unroll 4
      for (int64_t i = 0; i < reach; i++) toResult(at + i * reach, 1, half + i * side, 1);
#pragma GCC unroll 2
      for (int64_t i = 0; i < side; i++) toResult(half + i, side, result + i, side);
      __m512 shift = bias ? _mm512_loadu_ps(bias + output + c) : _mm512_setzero_ps();
      Bf16* to = y + ((place.image * p.outHeight + place.y) * p.outWidth + place.x) * outputs + output + c;
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t k = 0; k < columns; k++) {
          store16(to + (i * p.outWidth + k) * outputs, leaky(_mm512_add_ps(result[i * side + k], shift), slope));
        }
      }
    }
  }
}

}  // namespace

// Every thread takes its tiles in blocks through all steps inside its second cache; the filter streams by.
void convolution(const Bf16* x, Bf16* y, const Images& images, const Filter& filter, int64_t inputs,
                 int64_t outputs, const float* bias, float slope) {
  int64_t words = inputs / 2, panels = outputs / panel, size = points * words * panel;
  auto prepared = at::empty({panels * size}, at::kInt);
  auto* u = reinterpret_cast<Word*>(prepared.data_ptr<int>());
  at::parallel_for(0, panels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) {
      panelToPoints({filter.first + o * panel, filter.tap, filter.input}, inputs, u + o * size);
    }
  });
  int64_t groups = (images.tiles() + most - 1) / most;
  int64_t fitting = std::max<int64_t>(1, 800000 / (points * 4 * (words + panel)) / most);
  int64_t threads = at::get_num_threads();
  at::parallel_for(0, groups, (groups + threads - 1) / threads, [&](int64_t from, int64_t to) {
    int64_t blocks = (to - from + fitting - 1) / fitting, largest = (to - from + blocks - 1) / blocks * most;
    Layout list{most, words, largest}, result{most, panel, largest};
    auto scratch = at::empty({points * (list.stride() + result.stride())}, at::kFloat);
    auto* v = reinterpret_cast<Word*>(scratch.data_ptr<float>());
    float* m = scratch.data_ptr<float>() + points * list.stride();
    for (int64_t b = 0; b < blocks; b++) {
      int64_t begin = (from + (to - from) * b / blocks) * most;
      int64_t end = std::min(images.tiles(), (from + (to - from) * (b + 1) / blocks) * most);
      dataToPoints(x, images, inputs, begin, end, v, list);
      for (int64_t o = 0; o < panels; o++) {
        for (int64_t point = 0; point < points; point++) {
          for (int64_t row = 0; row < end - begin; row += most) {
            multiplies[std::min(most, end - begin - row) - 1](
                v + point * list.stride() + list.at(row, 0), list.chunkStride(), u + o * size + point * words * panel,
                words, m + point * result.stride() + result.at(row, 0), result.chunkStride());
          }
        }
        pointsToResult(m, result, y, images, outputs, o * panel, begin, end, bias, slope);
      }
    }
  });
}

}  // namespace winograd::halves

#endif

}  // namespace csl
