// The gradient with respect to the filter by F(4x4, 3x3) in float32, dW = Gᵀ [ (Bᵀ x B) ⊙ (A dy Aᵀ) summed over tiles ] G: at
// each of the 36 points a product of matrices whose long side is the tiles.
#include <algorithm>

#include "winograd-tiles.h"
#include "winograd.h"

namespace csl {

#ifdef CSL_WINOGRAD

namespace winograd {

namespace {

constexpr int64_t strip = 8;  // in-channels of a tile of the product

// du[8, 32] += Σ v[tile, 8] · d[tile, 32]
CSL_WIDE void accumulate(const float* v, const float* left, const float* right, int64_t tiles, float* du,
                         int64_t outputs, bool fresh) {
  __m512 sum[strip][2];
#pragma GCC unroll 8
  for (int i = 0; i < strip; i++) {
    sum[i][0] = fresh ? _mm512_setzero_ps() : _mm512_loadu_ps(du + i * outputs);
    sum[i][1] = fresh ? _mm512_setzero_ps() : _mm512_loadu_ps(du + i * outputs + chunk);
  }
#pragma GCC unroll 2
  for (int64_t t = 0; t < tiles; t++) {
    __m512 l = _mm512_loadu_ps(left + t * chunk), r = _mm512_loadu_ps(right + t * chunk);
#pragma GCC unroll 8
    for (int i = 0; i < strip; i++) {
      __m512 value = _mm512_set1_ps(v[t * chunk + i]);
      sum[i][0] = _mm512_fmadd_ps(value, l, sum[i][0]);
      sum[i][1] = _mm512_fmadd_ps(value, r, sum[i][1]);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < strip; i++) {
    _mm512_storeu_ps(du + i * outputs, sum[i][0]);
    _mm512_storeu_ps(du + i * outputs + chunk, sum[i][1]);
  }
}

// du [36, inputs, outputs] → dw [9, inputs, outputs], for entries [begin, end) of a filter's tap, in sixteens.
CSL_WIDE void pointsToFilter(const float* du, int64_t size, float* dw, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) {
    __m512 half[18];
#pragma GCC unroll 6
    for (int64_t k = 0; k < reach; k++) {
      __m512 row[6];
      for (int64_t j = 0; j < reach; j++) row[j] = _mm512_loadu_ps(du + (k * reach + j) * size + i * chunk);
      toFilter(row, 1, half + k * 3, 1);
    }
#pragma GCC unroll 3
    for (int64_t k = 0; k < 3; k++) {
      __m512 column[3];
      toFilter(half + k, 3, column, 1);
      for (int64_t j = 0; j < 3; j++) _mm512_storeu_ps(dw + (j * 3 + k) * size + i * chunk, column[j]);
    }
  }
}

}  // namespace

void filterGradient(const float* x, const float* dy, const Images& images, int64_t inputs, int64_t outputs,
                    float* dw) {
  int64_t tiles = images.tiles();
  // As many tiles at once as the third cache takes.
  int64_t rounds = std::max<int64_t>(1, (tiles * points * (inputs + outputs) * 4 + (10 << 20)) / (20 << 20));
  int64_t count = (tiles + rounds - 1) / rounds, size = inputs * outputs;
  // One group: the product passes over all tiles of sixteen channels.
  Layout data{count, inputs, count}, result{count, outputs, count};
  auto memory = at::empty({points * (data.stride() + result.stride() + size)}, at::kFloat);
  float *v = memory.data_ptr<float>(), *d = v + points * data.stride(), *du = d + points * result.stride();
  int64_t panels = outputs / panel, each = (at::get_num_threads() + points - 1) / points;
  for (int64_t round = 0; round < rounds; round++) {
    int64_t begin = tiles * round / rounds, end = tiles * (round + 1) / rounds;
    at::parallel_for(begin, end, 4, [&](int64_t from, int64_t to) {
      dataToPoints(x, images, inputs, from, to, v, from - begin, data);
      gradientToPoints(dy, images, outputs, from, to, d, from - begin, result);
    });
    at::parallel_for(0, points * each, 1, [&](int64_t from, int64_t to) {
      for (int64_t item = from; item < to; item++) {
        int64_t point = item / each;
        for (int64_t o = panels * (item % each) / each; o < panels * (item % each + 1) / each; o++) {
          const float* left = d + point * result.stride() + result.at(0, o * panel);
          for (int64_t i = 0; i < inputs; i += strip) {
            accumulate(v + point * data.stride() + data.at(0, i) + i % chunk, left, left + result.chunkStride(),
                       end - begin, du + point * size + i * outputs + o * panel, outputs, round == 0);
          }
        }
      }
    });
  }
  at::parallel_for(0, size / chunk, 256, [&](int64_t begin, int64_t end) { pointsToFilter(du, size, dw, begin, end); });
}

}  // namespace winograd

#endif

}  // namespace csl
