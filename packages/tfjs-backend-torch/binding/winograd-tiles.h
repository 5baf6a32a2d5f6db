// Tiles of images at the 36 points of F(4x4, 3x3), and the way back.
#pragma once

#include "winograd-steps.h"

#ifdef CSL_WINOGRAD

namespace csl::winograd {

// Tiles [begin, end) of the input, as tiles `first`… of a list.
CSL_WIDE static void dataToPoints(const float* x, const Images& p, int64_t channels, int64_t begin, int64_t end,
                                  float* out, int64_t first, const Layout& layout) {
  int64_t stride = layout.stride();
  for (int64_t tile = begin; tile < end; tile++) {
    Place place = placeOf(p, tile);
    for (int64_t c = 0; c < channels; c += chunk) {
      __m512 square[36], half[36];
      loadSquare<reach>(x + place.image * p.height * p.width * channels + c, p.height, p.width, channels,
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
CSL_WIDE static void gradientToPoints(const float* dy, const Images& p, int64_t channels, int64_t begin, int64_t end,
                                      float* out, int64_t first, const Layout& layout) {
  int64_t stride = layout.stride();
  for (int64_t tile = begin; tile < end; tile++) {
    Place place = placeOf(p, tile);
    for (int64_t c = 0; c < channels; c += chunk) {
      __m512 square[16], half[24];
      loadSquare<side>(dy + place.image * p.outHeight * p.outWidth * channels + c, p.outHeight, p.outWidth, channels,
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
CSL_WIDE static void pointsToResult(const float* from, const Layout& layout, float* y, const Images& p, int64_t total,
                                    int64_t at, int64_t channels, int64_t begin, int64_t end, const float* bias,
                                    float slope) {
  int64_t stride = layout.stride();
  for (int64_t tile = begin; tile < end; tile++) {
    Place place = placeOf(p, tile);
    int64_t rows = std::min(side, p.outHeight - place.y), columns = std::min(side, p.outWidth - place.x);
    for (int64_t c = 0; c < channels; c += chunk) {
      const float* m = from + layout.at(tile - begin, c);
      float* to = y + ((place.image * p.outHeight + place.y) * p.outWidth + place.x) * total + at + c;
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
          store16(to + (i * p.outWidth + k) * total, leaky(_mm512_add_ps(result[i * side + k], shift), slope));
        }
      }
    }
  }
}

}  // namespace csl::winograd

#endif
