/** [batch, pixels, channels] */
type Size = readonly [batch: number, pixels: number, channels: number];

/** Means over the pixels. */
export function pool(x: Float32Array, pooled: Float32Array, [batch, pixels, channels]: Size): void {
  const sum = new Float64Array(channels);
  for (let b = 0, at = 0; b < batch; b++) {
    sum.fill(0);
    for (let p = 0; p < pixels; p++) for (let c = 0; c < channels; c++) sum[c]! += x[at++]!;
    for (let c = 0; c < channels; c++) pooled[b * channels + c] = sum[c]! / pixels;
  }
}

/** y = x · gate per channel. */
export function scale(
  x: Float32Array,
  gate: Float32Array,
  y: Float32Array,
  [batch, pixels, channels]: Size,
): void {
  for (let b = 0, at = 0; b < batch; b++) {
    const row = b * channels;
    for (let p = 0; p < pixels; p++) for (let c = 0; c < channels; c++, at++) y[at] = x[at]! * gate[row + c]!;
  }
}

/** dx = dy · gate + dpooled. */
export function scaleBackward(
  dy: Float32Array,
  gate: Float32Array,
  dpooled: Float32Array,
  dx: Float32Array,
  [batch, pixels, channels]: Size,
): void {
  for (let b = 0, at = 0; b < batch; b++) {
    const row = b * channels;
    for (let p = 0; p < pixels; p++)
      for (let c = 0; c < channels; c++, at++) dx[at] = dy[at]! * gate[row + c]! + dpooled[row + c]!;
  }
}

interface GateWeights {
  /** [channels, reduction] */
  w1: Float32Array;
  /** [reduction, channels] */
  w2: Float32Array;
}

/** hidden = relu(pooled·W1 + b1), gate = σ(hidden·W2 + b2). */
export function gateForward(
  pooled: Float32Array,
  hidden: Float32Array,
  gate: Float32Array,
  { w1, b1, w2, b2 }: GateWeights & { b1: Float32Array; b2: Float32Array },
): void {
  linear(pooled, w1, b1, hidden);
  for (let i = 0; i < hidden.length; i++) hidden[i] = Math.max(hidden[i]!, 0);
  linear(hidden, w2, b2, gate);
  for (let i = 0; i < gate.length; i++) gate[i] = 1 / (1 + Math.exp(-gate[i]!));
}

interface GateGradient {
  saved: { pooled: Float32Array; hidden: Float32Array; gate: Float32Array };
  weights: GateWeights;
  outputs: { dw1: Float32Array; db1: Float32Array; dw2: Float32Array; db2: Float32Array };
}

/** Fills the gradients of the weights and returns that of every pixel through the mean, [batch, channels]. */
export function gateBackward(
  dy: Float32Array,
  x: Float32Array,
  [batch, pixels, channels]: Size,
  { saved: { pooled, hidden, gate }, weights, outputs }: GateGradient,
): Float32Array {
  const sums = new Float64Array(channels);
  const d2 = new Float32Array(batch * channels);
  for (let b = 0, at = 0; b < batch; b++) {
    sums.fill(0);
    for (let p = 0; p < pixels; p++) for (let c = 0; c < channels; c++, at++) sums[c]! += dy[at]! * x[at]!;
    for (let c = 0; c < channels; c++) {
      const g = gate[b * channels + c]!;
      d2[b * channels + c] = sums[c]! * g * (1 - g);
    }
  }
  const d1 = new Float32Array(hidden.length);
  linearBackward(hidden, d2, weights.w2, { dx: d1, dw: outputs.dw2, db: outputs.db2 });
  for (let i = 0; i < d1.length; i++) if (!(hidden[i]! > 0)) d1[i] = 0;
  const dpooled = new Float32Array(pooled.length);
  linearBackward(pooled, d1, weights.w1, { dx: dpooled, dw: outputs.dw1, db: outputs.db1 });
  for (let i = 0; i < dpooled.length; i++) dpooled[i]! /= pixels;
  return dpooled;
}

/** out [rows, n] = in [rows, m] · w [m, n] + bias [n] */
function linear(input: Float32Array, w: Float32Array, bias: Float32Array, out: Float32Array): void {
  const n = bias.length;
  const m = w.length / n;
  const sum = new Float64Array(n);
  for (let row = 0; row * n < out.length; row++) {
    sum.set(bias);
    for (let i = 0; i < m; i++) {
      const v = input[row * m + i]!;
      if (v !== 0) for (let j = 0; j < n; j++) sum[j]! += v * w[i * n + j]!;
    }
    out.set(sum, row * n);
  }
}

function linearBackward(
  input: Float32Array,
  dout: Float32Array,
  w: Float32Array,
  { dx, dw, db }: { dx: Float32Array; dw: Float32Array; db: Float32Array },
): void {
  const n = db.length;
  const m = w.length / n;
  dw.fill(0);
  db.fill(0);
  for (let row = 0; row * n < dout.length; row++) {
    for (let j = 0; j < n; j++) db[j]! += dout[row * n + j]!;
    for (let i = 0; i < m; i++) {
      const v = input[row * m + i]!;
      let dot = 0;
      for (let j = 0; j < n; j++) {
        const d = dout[row * n + j]!;
        dot += d * w[i * n + j]!;
        dw[i * n + j]! += v * d;
      }
      dx[row * m + i] = dot;
    }
  }
}
