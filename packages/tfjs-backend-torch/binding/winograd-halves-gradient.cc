// The gradient with respect to the filter by F(2x2, 3x3) between bfloat16 data, dW = Gᵀ [ (Bᵀ x B) ⊙ (A dy Aᵀ) summed over
// tiles ] G: at each of the 16 points a product of matrices whose long side is the tiles, two of them a word.
#include <algorithm>

#include "winograd-halves.h"
#include "winograd.h"

namespace csl {

#ifdef CSL_WINOGRAD

namespace winograd::halves {
namespace {

using csl::pairs::product;

// Pairs [begin, end) of the tiles of x, or of dy, as `at` finds their channels at the points, from place `first` of a list on.
template <typename At>
CSL_STEP void pairsToPoints(const Bf16* from, const Images& p, int64_t channels, int64_t begin, int64_t end,
                            Word* out, int64_t first, const Layout& layout, At at) {
  int64_t stride = layout.stride(), tiles = p.tiles();
  for (int64_t pair = begin; pair < end; pair++) {
    for (int64_t c = 0; c < channels; c += chunk) {
      __m512 even[points], odd[points] = {};
      at(from, p, channels, 2 * pair, c, even);
      if (2 * pair + 1 < tiles) at(from, p, channels, 2 * pair + 1, c, odd);
      Word* to = out + layout.at(first + pair - begin, c);
      for (int64_t point = 0; point < points; point++) {
        _mm512_storeu_si512(to + point * stride, paired(even[point], odd[point]));
      }
    }
  }
}
CSL_WIDE void dataToPoints(const Bf16* x, const Images& p, int64_t channels, int64_t begin, int64_t end, Word* out,
                           int64_t first, const Layout& layout) {
  pairsToPoints(x, p, channels, begin, end, out, first, layout, dataAt);
}
CSL_WIDE void gradientToPoints(const Bf16* dy, const Images& p, int64_t channels, int64_t begin, int64_t end,
                               Word* out, int64_t first, const Layout& layout) {
  pairsToPoints(dy, p, channels, begin, end, out, first, layout, gradientAt);
}

// du [16, inputs, outputs] → dw [9, inputs, outputs], for entries [begin, end) of a filter's tap, in sixteens.
CSL_WIDE void pointsToFilter(const float* du, int64_t size, float* dw, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) {
    __m512 at[points], half[reach * 3], taps[9];
    for (int64_t point = 0; point < points; point++) at[point] = _mm512_loadu_ps(du + point * size + i * chunk);
#pragma GCC unroll 4
    for (int64_t k = 0; k < reach; k++) toFilter(at + k * reach, 1, half + k * 3, 1);
#pragma GCC unroll 3
    for (int64_t k = 0; k < 3; k++) toFilter(half + k, 3, taps + k, 3);
    for (int64_t t = 0; t < 9; t++) _mm512_storeu_ps(dw + t * size + i * chunk, taps[t]);
  }
}

}  // namespace

void filterGradient(const Bf16* x, const Bf16* dy, const Images& images, int64_t inputs, int64_t outputs,
                    float* dw) {
  int64_t pairs = (images.tiles() + 1) / 2;
  // As many tiles at once as the third cache takes.
  int64_t rounds = std::max<int64_t>(1, (pairs * points * (inputs + outputs) * 4 + (10 << 20)) / (20 << 20));
  int64_t count = (pairs + rounds - 1) / rounds, size = inputs * outputs;
  Layout data{count, inputs, count}, result{count, outputs, count};
  auto memory = at::empty({points * (data.stride() + result.stride() + size)}, at::kFloat);
  auto* v = reinterpret_cast<Word*>(memory.data_ptr<float>());
  Word* d = v + points * data.stride();
  float* du = reinterpret_cast<float*>(d + points * result.stride());
  int64_t panels = outputs / panel, each = (at::get_num_threads() + points - 1) / points;
  for (int64_t round = 0; round < rounds; round++) {
    int64_t begin = pairs * round / rounds, end = pairs * (round + 1) / rounds;
    at::parallel_for(begin, end, 4, [&](int64_t from, int64_t to) {
      dataToPoints(x, images, inputs, from, to, v, from - begin, data);
      gradientToPoints(dy, images, outputs, from, to, d, from - begin, result);
    });
    at::parallel_for(0, points * each, 1, [&](int64_t from, int64_t to) {
      for (int64_t item = from; item < to; item++) {
        int64_t point = item / each;
        int64_t first = panels * (item % each) / each * panel, last = panels * (item % each + 1) / each * panel;
        Layout part = result;
        part.channels = last - first;
        product(v + point * data.stride(), data, d + point * result.stride() + result.at(0, first), part, end - begin,
                du + point * size + first, outputs, round == 0);
      }
    });
  }
  at::parallel_for(0, size / chunk, 256, [&](int64_t begin, int64_t end) { pointsToFilter(du, size, dw, begin, end); });
}

}  // namespace winograd::halves

#endif

}  // namespace csl
