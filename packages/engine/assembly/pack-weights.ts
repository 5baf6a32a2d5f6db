import { arg } from "./arg";

const PANEL: i32 = 8;

// Packs weights [taps][a][b] into [ceil(n/8)][taps][k][8]. transposed = 0: k = a, n = b (forward);
// transposed = 1: k = b, n = a (gradient by the input). Item = panel; columns beyond n are zero.
// args: 0 weights, 1 packed, 2 taps, 3 a, 4 b, 5 transposed, 6 bias (0: none), 7 packed bias [panels][8]
export function packWeights(args: usize, panel: i32): void {
  const weights = <usize>arg(args, 0);
  const taps = arg(args, 2);
  const a = arg(args, 3);
  const b = arg(args, 4);
  const transposed = arg(args, 5);
  const k = transposed ? b : a;
  const n = transposed ? a : b;
  let to = <usize>arg(args, 1) + ((<usize>(panel * taps * k * PANEL)) << 2);
  const columns = min(PANEL, n - panel * PANEL);
  const bias = <usize>arg(args, 6);
  const packedBias = <usize>arg(args, 7) + ((<usize>(panel * PANEL)) << 2);
  for (let j = 0; j < PANEL; j++) {
    const value = bias && j < columns ? load<f32>(bias + ((<usize>(panel * PANEL + j)) << 2)) : 0;
    store<f32>(packedBias + ((<usize>j) << 2), value);
  }
  for (let tap = 0; tap < taps; tap++) {
    const from = weights + ((<usize>(tap * a * b)) << 2);
    if (transposed) {
      const start = from + ((<usize>(panel * PANEL * b)) << 2);
      let i = 0;
      if (columns === PANEL) {
        const stride = (<usize>b) << 2;
        for (; i + 4 <= k; i += 4) {
          const at = start + ((<usize>i) << 2);
          transposeFour(at, stride, to);
          transposeFour(at + stride * 4, stride, to + 16);
          to += 128;
        }
      }
      for (; i < k; i++) {
        let at = start + ((<usize>i) << 2);
        for (let j = 0; j < columns; j++) {
          store<f32>(to + ((<usize>j) << 2), load<f32>(at));
          at += (<usize>b) << 2;
        }
        for (let j = columns; j < PANEL; j++) store<f32>(to + ((<usize>j) << 2), 0);
        to += 32;
      }
    } else {
      let at = from + ((<usize>(panel * PANEL)) << 2);
      for (let i = 0; i < k; i++) {
        if (columns === PANEL) {
          v128.store(to, v128.load(at, 0), 0);
          v128.store(to, v128.load(at, 16), 16);
        } else {
          for (let j = 0; j < PANEL; j++) {
            store<f32>(to + ((<usize>j) << 2), j < columns ? load<f32>(at + ((<usize>j) << 2)) : 0);
          }
        }
        at += (<usize>b) << 2;
        to += 32;
      }
    }
  }
}

// Four rows of four numbers, `stride` apart, become four columns in rows 32 bytes apart.
function transposeFour(from: usize, stride: usize, to: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + stride);
  const r2 = v128.load(from + stride * 2);
  const r3 = v128.load(from + stride * 3);
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(a, b, 0, 1, 4, 5), 0);
  v128.store(to, v128.shuffle<f32>(a, b, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(c, d, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(c, d, 2, 3, 6, 7), 96);
}
