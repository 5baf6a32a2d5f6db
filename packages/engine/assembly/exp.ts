// e^x to 2 units in the last place, 0 below -87 and infinity above 88. (The compiler's own exp needs a table in
// memory, and this module owns none.)
export function exp(x: f32): f32 {
  if (x > 88.72) return Infinity;
  if (x < -87.33) return 0;
  // x = n ln2 + r with |r| <= ln2 / 2; ln2 in two parts, so that r is exact enough.
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: a float32, not Math.LOG2E
  const n = nearest<f32>(x * 1.442695);
  const r = x - n * 0.693359375 + n * 2.1219444e-4;
  // Minimax polynomial of Cephes (expf).
  let p: f32 = 1.98756915e-4;
  p = p * r + 1.3981999507e-3;
  p = p * r + 8.3334519073e-3;
  p = p * r + 4.1665795894e-2;
  p = p * r + 1.6666665459e-1;
  p = p * r + 5.0000001201e-1;
  p = p * r * r + r + 1;
  const whole = <i32>n; // of a NaN: 0, the conversion saturates; the NaN stays in p
  const half = whole >> 1; // in two steps: 2^128 itself is no float32
  return p * power(half) * power(whole - half);
}

function power(n: i32): f32 {
  return reinterpret<f32>((n + 127) << 23);
}
