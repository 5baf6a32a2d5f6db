// Images in square tiles, and lists of tiles in the order that products of matrices read them.
#pragma once

#include "fused-loops.h"

#ifdef CSL_AVX512
#define CSL_WINOGRAD 1
#include <immintrin.h>

#define CSL_WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,fma")))
#define CSL_STEP CSL_WIDE static CSL_INLINE

namespace csl::winograd {

constexpr int64_t chunk = 16;      // numbers in a register
constexpr int64_t panel = 32;      // channels of the result that a product makes at once

CSL_STEP __m512 times(__m512 x, float factor) { return _mm512_mul_ps(x, _mm512_set1_ps(factor)); }
CSL_STEP __m512 load16(const float* from) { return _mm512_loadu_ps(from); }
CSL_STEP __m512 load16(const Bf16* from) {
  __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}
CSL_STEP void store16(float* to, __m512 value) { _mm512_storeu_ps(to, value); }
CSL_STEP void store16(Bf16* to, __m512 value) {
  __m256bh halves = _mm512_cvtneps_pbh(value);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), reinterpret_cast<__m256i&>(halves));
}

// NHWC images, and the tiles that cover the result of a 3x3 convolution of them.
struct Images {
  int64_t side;                        // of a tile of the result
  int64_t batch, height, width;        // of the input
  int64_t padTop, padLeft;
  int64_t outHeight, outWidth;         // of the result
  int64_t down() const { return (outHeight + side - 1) / side; }
  int64_t across() const { return (outWidth + side - 1) / side; }
  int64_t tiles() const { return batch * down() * across(); }
};

// Where a list of tiles lies at each point: groups of tiles, in a group the channels by sixteens, [tiles, 16] each.
struct Layout {
  int64_t group, channels, count;
  int64_t chunkStride() const { return group * chunk; }
  int64_t groupStride() const { return channels * group; }
  // An odd number of cache lines from point to point: lines at a power of two would share a set of the cache.
  int64_t stride() const { return ((count + group - 1) / group * groupStride() / chunk | 1) * chunk; }
  int64_t at(int64_t tile, int64_t channel) const {
    return tile / group * groupStride() + channel / chunk * chunkStride() + tile % group * chunk;
  }
};

struct Place {
  int64_t image, y, x;  // of the tile's first pixel in the result
};
inline Place placeOf(const Images& p, int64_t tile) {
  int64_t row = tile / p.across();
  return {row / p.down(), row % p.down() * p.side, tile % p.across() * p.side};
}

// A filter seen as [tap][input][output]: in numbers from one to the next. Outputs are neighbours.
struct Filter {
  const float* first;
  int64_t tap, input;
};

// Slope 1 is no activation. In this order what is not a number stays one.
CSL_STEP __m512 leaky(__m512 value, float slope) {
  if (slope == 1) return value;
  return _mm512_max_ps(slope == 0 ? _mm512_setzero_ps() : times(value, slope), value);
}

// A square of pixels of an image, zero outside.
template <int64_t extent, typename T>
CSL_STEP void loadSquare(const T* image, int64_t height, int64_t width, int64_t channels, int64_t top, int64_t left,
                         __m512* out) {
  bool inside = top >= 0 && left >= 0 && top + extent <= height && left + extent <= width;
  if (inside) {
    const T* at = image + (top * width + left) * channels;
    for (int64_t y = 0; y < extent; y++, at += width * channels) {
#pragma GCC unroll 6
      for (int64_t x = 0; x < extent; x++) out[y * extent + x] = load16(at + x * channels);
    }
    return;
  }
  for (int64_t y = 0; y < extent; y++) {
    for (int64_t x = 0; x < extent; x++) {
      bool valid = top + y >= 0 && top + y < height && left + x >= 0 && left + x < width;
      out[y * extent + x] =
          valid ? load16(image + ((top + y) * width + left + x) * channels) : _mm512_setzero_ps();
    }
  }
}

}  // namespace csl::winograd

#endif
