// Winograd's F(2x2, 3x3) between bfloat16 data, with the products themselves in bfloat16 and their sums in float32: 16 products
// for 4 results instead of 36. Its points 0, ±1, ∞ only add and halve, so what is rounded to bfloat16 in between costs about one
// bit (F(4x4, 3x3) would cost four, so it multiplies in float32). A word holds two neighbours of the sum, which the machine
// multiplies and adds at once: two channels forward, two tiles in the gradient with respect to the filter.
#pragma once

#include "pair-products.h"

#ifdef CSL_WINOGRAD

namespace csl::winograd::halves {

constexpr int64_t side = 2;     // of a tile of the result
constexpr int64_t reach = 4;    // of what it looks at
constexpr int64_t points = 16;

using pairs::addProducts;
using pairs::paired;

// Data: four pixels → four points.
CSL_STEP void ofData(const __m512* x, int64_t step, __m512* out, int64_t outStep) {
  __m512 x0 = x[0], x1 = x[step], x2 = x[2 * step], x3 = x[3 * step];
  out[0] = _mm512_sub_ps(x0, x2);
  out[outStep] = _mm512_add_ps(x1, x2);
  out[2 * outStep] = _mm512_sub_ps(x2, x1);
  out[3 * outStep] = _mm512_sub_ps(x1, x3);
}

// Filter: three taps → four points.
CSL_STEP void ofFilter(const __m512* g, int64_t step, __m512* out, int64_t outStep) {
  __m512 even = times(_mm512_add_ps(g[0], g[2 * step]), 0.5f), odd = times(g[step], 0.5f);
  out[0] = g[0];
  out[outStep] = _mm512_add_ps(even, odd);
  out[2 * outStep] = _mm512_sub_ps(even, odd);
  out[3 * outStep] = g[2 * step];
}

// Result: four points → two pixels.
CSL_STEP void toResult(const __m512* m, int64_t step, __m512* out, int64_t outStep) {
  out[0] = _mm512_add_ps(m[0], _mm512_add_ps(m[step], m[2 * step]));
  out[outStep] = _mm512_sub_ps(_mm512_sub_ps(m[step], m[2 * step]), m[3 * step]);
}

// The gradient with respect to the filter runs two of them backwards. Two pixels of dy → four points:
CSL_STEP void ofGradient(const __m512* y, int64_t step, __m512* out, int64_t outStep) {
  __m512 y0 = y[0], y1 = y[step];
  out[0] = y0;
  out[outStep] = _mm512_add_ps(y0, y1);
  out[2 * outStep] = _mm512_sub_ps(y0, y1);
  out[3 * outStep] = _mm512_sub_ps(_mm512_setzero_ps(), y1);
}

// and four points → three taps.
CSL_STEP void toFilter(const __m512* u, int64_t step, __m512* out, int64_t outStep) {
  __m512 even = times(_mm512_add_ps(u[step], u[2 * step]), 0.5f);
  out[0] = _mm512_add_ps(u[0], even);
  out[outStep] = times(_mm512_sub_ps(u[step], u[2 * step]), 0.5f);
  out[2 * outStep] = _mm512_add_ps(u[3 * step], even);
}

// A square of 16 channels at its sixteen points; `rowwise` is done along both sides.
template <int64_t extent, typename Rowwise>
CSL_STEP void toPoints(const __m512* square, __m512* out, Rowwise rowwise) {
  __m512 half[extent * reach];
#pragma GCC unroll 4
  for (int64_t i = 0; i < extent; i++) rowwise(square + i * extent, 1, half + i * reach, 1);
#pragma GCC unroll 4
  for (int64_t i = 0; i < reach; i++) rowwise(half + i, reach, out + i, reach);
}

// Sixteen channels of a tile of x at its points.
CSL_STEP void dataAt(const Bf16* x, const Images& p, int64_t channels, int64_t tile, int64_t c, __m512* out) {
  __m512 square[points];
  Place place = placeOf(p, tile);
  loadSquare<reach>(x + place.image * p.height * p.width * channels + c, p.height, p.width, channels,
                    place.y - p.padTop, place.x - p.padLeft, square);
  toPoints<reach>(square, out, ofData);
}

// The same of dy, whose tiles do not overlap.
CSL_STEP void gradientAt(const Bf16* dy, const Images& p, int64_t channels, int64_t tile, int64_t c, __m512* out) {
  __m512 square[side * side];
  Place place = placeOf(p, tile);
  loadSquare<side>(dy + place.image * p.outHeight * p.outWidth * channels + c, p.outHeight, p.outWidth, channels,
                   place.y, place.x, square);
  toPoints<side>(square, out, ofGradient);
}

}  // namespace csl::winograd::halves

#endif
