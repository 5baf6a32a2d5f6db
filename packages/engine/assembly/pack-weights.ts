import { arg } from "./arg";

const PANEL: i32 = 8;

// Packs weights [taps][a][b] into [ceil(n/8)][taps][k][8]. transposed = 0: k = a, n = b (forward);
// transposed = 1: k = b, n = a (gradient by the input). Item = panel; columns beyond n are zero.
// args: 0 weights, 1 packed, 2 taps, 3 a, 4 b, 5 transposed
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
  for (let tap = 0; tap < taps; tap++) {
    const from = weights + ((<usize>(tap * a * b)) << 2);
    if (transposed) {
      const start = from + ((<usize>(panel * PANEL * b)) << 2);
      for (let i = 0; i < k; i++) {
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
