// Pictures in tiles for Winograd's convolution, and the way there and back.
#pragma once

#include "winograd-steps.h"

#ifdef CSL_WINOGRAD

namespace csl::winograd {

// NHWC pictures, and the tiles that cover the result of a 3x3 convolution of them.
struct Pictures {
  int64_t batch, height, width;        // of the input
  int64_t padTop, padLeft;
  int64_t outHeight, outWidth;         // of the result
  int64_t down() const { return (outHeight + side - 1) / side; }
  int64_t across() const { return (outWidth + side - 1) / side; }
  int64_t tiles() const { return batch * down() * across(); }
};

// Where a list of tiles lies at each of the 36 points: groups of tiles, in a group the channels by sixteens, [tiles, 16] each.
struct Layout {
  int64_t group, channels, count;
  int64_t chunkStride() const { return group * chunk; }
  int64_t groupStride() const { return channels * group; }
  // An odd number of cache lines from point to point: 36 lines at a power of two would share a set of the cache.
  int64_t stride() const { return ((count + group - 1) / group * groupStride() / chunk | 1) * chunk; }
  int64_t at(int64_t tile, int64_t channel) const {
    return tile / group * groupStride() + channel / chunk * chunkStride() + tile % group * chunk;
  }
};

struct Place {
  int64_t picture, y, x;  // of the tile's first pixel in the result
};
inline Place placeOf(const Pictures& p, int64_t tile) {
  int64_t row = tile / p.across();
  return {row / p.down(), row % p.down() * side, tile % p.across() * side};
}

// A square of pixels of a picture, zero outside.
template <int64_t extent, typename T>
CSL_STEP void loadSquare(const T* picture, int64_t height, int64_t width, int64_t channels, int64_t top, int64_t left,
                         __m512* out) {
  bool inside = top >= 0 && left >= 0 && top + extent <= height && left + extent <= width;
  if (inside) {
    const T* at = picture + (top * width + left) * channels;
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
          valid ? load16(picture + ((top + y) * width + left + x) * channels) : _mm512_setzero_ps();
    }
  }
}

// Tiles [begin, end) of the input, as tiles `first`… of a list.
template <typename T>
CSL_WIDE void dataToPoints(const T* x, const Pictures& p, int64_t channels, int64_t begin, int64_t end, float* out,
                           int64_t first, const Layout& layout) {
  int64_t stride = layout.stride();
  for (int64_t tile = begin; tile < end; tile++) {
    Place place = placeOf(p, tile);
    for (int64_t c = 0; c < channels; c += chunk) {
      __m512 square[36], half[36];
      loadSquare<reach>(x + place.picture * p.height * p.width * channels + c, p.height, p.width, channels,
                        place.y - p.padTop, place.x - p.padLeft, square);
      float* to = out + layout.at(first + tile - begin, c);
#pragma GCC unroll 6
      for (int64_t i = 0; i < reach; i++) ofData(square + i * reach, 1, half + i * reach, 1);
#pragma GCC unroll 6
      for (int64_t i = 0; i < reach; i++) {
        __m512 column[6];
        ofData(half + i, reach, column, 1);
        for (int64_t k = 0; k < reach; k++) _mm512_storeu_ps(to + (k * reach + i) * stride, column[k]);
      }
    }
  }
}

// The same of the result's gradient, whose tiles do not overlap.
template <typename T>
CSL_WIDE void gradientToPoints(const T* dy, const Pictures& p, int64_t channels, int64_t begin, int64_t end, float* out,
                               int64_t first, const Layout& layout) {
  int64_t stride = layout.stride();
  for (int64_t tile = begin; tile < end; tile++) {
    Place place = placeOf(p, tile);
    for (int64_t c = 0; c < channels; c += chunk) {
      __m512 square[16], half[24];
      loadSquare<side>(dy + place.picture * p.outHeight * p.outWidth * channels + c, p.outHeight, p.outWidth, channels,
                       place.y, place.x, square);
      float* to = out + layout.at(first + tile - begin, c);
#pragma GCC unroll 4
      for (int64_t i = 0; i < side; i++) ofGradient(square + i * side, 1, half + i * reach, 1);
#pragma GCC unroll 6
      for (int64_t i = 0; i < reach; i++) {
        __m512 column[6];
        ofGradient(half + i, reach, column, 1);
        for (int64_t k = 0; k < reach; k++) _mm512_storeu_ps(to + (k * reach + i) * stride, column[k]);
      }
    }
  }
}

// From the points of `channels` channels, which begin at channel `at` of `total`, to pixels of the result, with bias and
// leaky activation.
template <typename T>
CSL_WIDE void pointsToResult(const float* from, const Layout& layout, T* y, const Pictures& p, int64_t total, int64_t at,
                             int64_t channels, int64_t begin, int64_t end, const float* bias, float slope) {
  int64_t stride = layout.stride();
  for (int64_t tile = begin; tile < end; tile++) {
    Place place = placeOf(p, tile);
    int64_t rows = std::min(side, p.outHeight - place.y), columns = std::min(side, p.outWidth - place.x);
    for (int64_t c = 0; c < channels; c += chunk) {
      const float* m = from + layout.at(tile - begin, c);
      T* to = y + ((place.picture * p.outHeight + place.y) * p.outWidth + place.x) * total + at + c;
      __m512 half[24];
#pragma GCC unroll 6
      for (int64_t i = 0; i < reach; i++) {
        __m512 row[6];
        for (int64_t k = 0; k < reach; k++) row[k] = _mm512_loadu_ps(m + (i * reach + k) * stride);
        toResult(row, 1, half + i * side, 1);
      }
      __m512 shift = bias ? _mm512_loadu_ps(bias + at + c) : _mm512_setzero_ps();
      __m512 result[16];
#pragma GCC unroll 4
      for (int64_t i = 0; i < side; i++) toResult(half + i, side, result + i, side);
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t k = 0; k < columns; k++) {
          __m512 value = _mm512_add_ps(result[i * side + k], shift);
          // In this order what is not a number stays one.
          if (slope != 1) value = _mm512_max_ps(slope == 0 ? _mm512_setzero_ps() : times(value, slope), value);
          store16(to + (i * p.outWidth + k) * total, value);
        }
      }
    }
  }
}

}  // namespace csl::winograd

#endif
