// The transforms of Winograd's convolution F(4x4, 3x3) along one side, 16 channels at once. Multiplying polynomials by their
// values at six points takes 36 products for 16 results instead of 144. The points 0, ±2/3, ±3/2, ∞ keep the rounding
// error of float32 within twice that of the plain sum; the usual 0, ±1, ±2, ∞ have three times as much.
#pragma once

#include "tiles.h"

#ifdef CSL_WINOGRAD

namespace csl::winograd {

constexpr int64_t side = 4;        // of a tile of the result
constexpr int64_t reach = 6;       // of what it looks at
constexpr int64_t points = 36;

constexpr float a1 = 2.0 / 3, b1 = 3.0 / 2;  // a1 · b1 = 1 spares some factors
constexpr float a2 = 4.0 / 9, b2 = 9.0 / 4, a3 = 8.0 / 27, b3 = 27.0 / 8;
constexpr float sum2 = 4.0 / 9 + 9.0 / 4;
constexpr float na = 1 / (2 * (4.0 / 9) * (4.0 / 9 - 9.0 / 4)), nb = 1 / (2 * (9.0 / 4) * (9.0 / 4 - 4.0 / 9));

// x · factor + y and y - x · factor
CSL_STEP __m512 plus(__m512 y, __m512 x, float factor) { return _mm512_fmadd_ps(x, _mm512_set1_ps(factor), y); }
CSL_STEP __m512 minus(__m512 y, __m512 x, float factor) { return _mm512_fnmadd_ps(x, _mm512_set1_ps(factor), y); }

// Data: six pixels → six points.
CSL_STEP void ofData(const __m512* x, int64_t step, __m512* out, int64_t outStep) {
  __m512 x0 = x[0], x1 = x[step], x2 = x[2 * step], x3 = x[3 * step], x4 = x[4 * step], x5 = x[5 * step];
  __m512 even = minus(x4, x2, b2), odd = minus(x3, x1, b2);
  __m512 even2 = minus(x4, x2, a2), odd2 = minus(x3, x1, a2);
  out[0] = minus(_mm512_add_ps(x0, x4), x2, sum2);
  out[outStep] = plus(even, odd, a1);
  out[2 * outStep] = minus(even, odd, a1);
  out[3 * outStep] = plus(even2, odd2, b1);
  out[4 * outStep] = minus(even2, odd2, b1);
  out[5 * outStep] = minus(_mm512_add_ps(x1, x5), x3, sum2);
}

// Filter: three taps → six points.
CSL_STEP void ofFilter(const __m512* g, int64_t step, __m512* out, int64_t outStep) {
  __m512 g0 = g[0], g1 = g[step], g2 = g[2 * step];
  __m512 even = times(plus(g0, g2, a2), na), even2 = times(plus(g0, g2, b2), nb);
  out[0] = g0;
  out[outStep] = plus(even, g1, a1 * na);
  out[2 * outStep] = minus(even, g1, a1 * na);
  out[3 * outStep] = plus(even2, g1, b1 * nb);
  out[4 * outStep] = minus(even2, g1, b1 * nb);
  out[5 * outStep] = g2;
}

// Result: six points → four pixels.
CSL_STEP void toResult(const __m512* m, int64_t step, __m512* out, int64_t outStep) {
  __m512 s1 = _mm512_add_ps(m[step], m[2 * step]), d1 = _mm512_sub_ps(m[step], m[2 * step]);
  __m512 s2 = _mm512_add_ps(m[3 * step], m[4 * step]), d2 = _mm512_sub_ps(m[3 * step], m[4 * step]);
  out[0] = _mm512_add_ps(m[0], _mm512_add_ps(s1, s2));
  out[outStep] = plus(times(d1, a1), d2, b1);
  out[2 * outStep] = plus(times(s1, a2), s2, b2);
  out[3 * outStep] = plus(plus(m[5 * step], d1, a3), d2, b3);
}

// The gradient with respect to the filter runs two of them backwards. Four pixels of dy → six points:
CSL_STEP void ofGradient(const __m512* y, int64_t step, __m512* out, int64_t outStep) {
  __m512 y0 = y[0], y1 = y[step], y2 = y[2 * step], y3 = y[3 * step];
  __m512 even = plus(y0, y2, a2), odd = plus(y1, y3, a2), even2 = plus(y0, y2, b2), odd2 = plus(y1, y3, b2);
  out[0] = y0;
  out[outStep] = plus(even, odd, a1);
  out[2 * outStep] = minus(even, odd, a1);
  out[3 * outStep] = plus(even2, odd2, b1);
  out[4 * outStep] = minus(even2, odd2, b1);
  out[5 * outStep] = y3;
}

// and six points → three taps.
CSL_STEP void toFilter(const __m512* u, int64_t step, __m512* out, int64_t outStep) {
  __m512 s1 = _mm512_add_ps(u[step], u[2 * step]), d1 = _mm512_sub_ps(u[step], u[2 * step]);
  __m512 s2 = _mm512_add_ps(u[3 * step], u[4 * step]), d2 = _mm512_sub_ps(u[3 * step], u[4 * step]);
  out[0] = plus(plus(u[0], s1, na), s2, nb);
  out[outStep] = plus(times(d1, a1 * na), d2, b1 * nb);
  out[2 * outStep] = plus(plus(u[5 * step], s1, a2 * na), s2, b2 * nb);
}

}  // namespace csl::winograd

#endif
