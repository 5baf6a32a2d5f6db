// Chains of elementwise steps in one pass. Item = some numbers.
import { arg, floatArg } from "./arg";

// y = max(a + b, 0).  args: 0 a, 1 b, 2 y, 3 count, 4 perItem
export function addRelu(args: usize, item: i32): void {
  const first = item * arg(args, 4);
  let count = min(arg(args, 4), arg(args, 3) - first);
  const start = (<usize>first) << 2;
  let a = <usize>arg(args, 0) + start;
  let b = <usize>arg(args, 1) + start;
  let y = <usize>arg(args, 2) + start;
  const zero = f32x4.splat(0);
  for (; count >= 4; count -= 4) {
    v128.store(y, f32x4.max(f32x4.add(v128.load(a), v128.load(b)), zero));
    a += 16;
    b += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    store<f32>(y, max<f32>(load<f32>(a) + load<f32>(b), 0));
    a += 4;
    b += 4;
    y += 4;
  }
}

// dx = dy where y > 0, else 0.  args: 0 dy, 1 y, 2 dx, 3 count, 4 perItem
export function addReluGradient(args: usize, item: i32): void {
  const first = item * arg(args, 4);
  let count = min(arg(args, 4), arg(args, 3) - first);
  const start = (<usize>first) << 2;
  let dy = <usize>arg(args, 0) + start;
  let y = <usize>arg(args, 1) + start;
  let dx = <usize>arg(args, 2) + start;
  const zero = f32x4.splat(0);
  for (; count >= 4; count -= 4) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
    dy += 16;
    y += 16;
    dx += 16;
  }
  for (; count > 0; count--) {
    store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0);
    dy += 4;
    y += 4;
    dx += 4;
  }
}

// out = a * x + b * y.  args: 0 x, 1 y, 2 out, 3 count, 4 perItem, then floats 5 a, 6 b
export function weightedSum(args: usize, item: i32): void {
  const first = item * arg(args, 4);
  let count = min(arg(args, 4), arg(args, 3) - first);
  const start = (<usize>first) << 2;
  let x = <usize>arg(args, 0) + start;
  let y = <usize>arg(args, 1) + start;
  let out = <usize>arg(args, 2) + start;
  const a = floatArg(args, 5);
  const b = floatArg(args, 6);
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  for (; count >= 4; count -= 4) {
    v128.store(out, f32x4.add(f32x4.mul(v128.load(x), as), f32x4.mul(v128.load(y), bs)));
    x += 16;
    y += 16;
    out += 16;
  }
  for (; count > 0; count--) {
    store<f32>(out, load<f32>(x) * a + load<f32>(y) * b);
    x += 4;
    y += 4;
    out += 4;
  }
}
