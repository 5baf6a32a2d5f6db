// Sums of products over a long side (pixels, or tiles of pixels) between bfloat16, in float32. A word holds two neighbours of the
// long side for a channel: what the machine multiplies and adds at once.
#pragma once

#include <algorithm>

#include "tiles.h"

#ifdef CSL_WINOGRAD

namespace csl {

using Word = uint32_t;

namespace pairs {

using winograd::chunk;
using winograd::panel;
using winograd::Layout;

constexpr int64_t strip = 8;    // rows of a product whose sums stay in registers
constexpr int64_t block = 128;  // pairs of a panel that stay in the first cache

CSL_STEP __m512 addProducts(__m512 sum, Word left, __m512i right) {
  __m512i both = _mm512_set1_epi32(static_cast<int>(left));
  CSL_HIDE_BROADCAST(both);
  return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh&>(both), reinterpret_cast<__m512bh&>(right));
}

// Sixteen numbers each as sixteen words.
CSL_STEP __m512i paired(__m512 first, __m512 second) {
  __m512bh both = _mm512_cvtne2ps_pbh(second, first);
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5,
                                         20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, reinterpret_cast<__m512i&>(both));
}

// sum[8, 32] += Σ left[pair, 8] · right[pair, 32]; `fresh` begins at 0.
CSL_WIDE static void accumulate(const Word* left, const Word* right, int64_t rightChunk, int64_t count, float* sum,
                                int64_t pitch, bool fresh) {
  __m512 sums[strip][2];
#pragma GCC unroll 8
  for (int i = 0; i < strip; i++) {
    sums[i][0] = fresh ? _mm512_setzero_ps() : _mm512_loadu_ps(sum + i * pitch);
    sums[i][1] = fresh ? _mm512_setzero_ps() : _mm512_loadu_ps(sum + i * pitch + chunk);
  }
#pragma GCC unroll 2
  for (int64_t t = 0; t < count; t++) {
    __m512i first = _mm512_loadu_si512(right + t * chunk), second = _mm512_loadu_si512(right + rightChunk + t * chunk);
#pragma GCC unroll 8
    for (int i = 0; i < strip; i++) {
      sums[i][0] = addProducts(sums[i][0], left[t * chunk + i], first);
      sums[i][1] = addProducts(sums[i][1], left[t * chunk + i], second);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < strip; i++) {
    _mm512_storeu_ps(sum + i * pitch, sums[i][0]);
    _mm512_storeu_ps(sum + i * pitch + chunk, sums[i][1]);
  }
}

// sum[rows, columns] += Σ over pairs, `pitch` numbers from row to row. Both lists are of one group.
inline void product(const Word* left, const Layout& rows, const Word* right, const Layout& columns, int64_t count,
                    float* sum, int64_t pitch, bool fresh) {
  for (int64_t b = 0; b < count; b += block) {
    for (int64_t o = 0; o < columns.channels; o += panel) {
      for (int64_t i = 0; i < rows.channels; i += strip) {
        accumulate(left + rows.at(b, i) + i % chunk, right + columns.at(b, o), columns.chunkStride(),
                   std::min(block, count - b), sum + i * pitch + o, pitch, fresh && b == 0);
      }
    }
  }
}

}  // namespace pairs
}  // namespace csl

#endif
