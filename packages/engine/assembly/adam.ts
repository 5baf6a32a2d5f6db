// One Adam step over one parameter in a single pass over memory: value, both moments and the moving average.
import { arg, floatArg } from "./arg";

// Item = some numbers.
// args: 0 value, 1 gradient, 2 moment1, 3 moment2, 4 average (0: none), 5 new value, 6 new moment1, 7 new moment2,
// 8 new average, 9 count, 10 perItem, then floats 11 l2, 12 1 - beta1, 13 beta2, 14 1 - beta2, 15 lr / correction1,
// 16 1 / sqrt(correction2), 17 epsilon, 18 shrink (1, or 1 - lr * decay for AdamW), 19 EMA decay
export function adam(args: usize, item: i32): void {
  const first = item * arg(args, 10);
  const start = (<usize>first) << 2;
  const end = (<usize>min(first + arg(args, 10), arg(args, 9))) << 2;
  const value = <usize>arg(args, 0);
  const gradient = <usize>arg(args, 1);
  const moment1 = <usize>arg(args, 2);
  const moment2 = <usize>arg(args, 3);
  const average = <usize>arg(args, 4);
  const newValue = <usize>arg(args, 5);
  const newMoment1 = <usize>arg(args, 6);
  const newMoment2 = <usize>arg(args, 7);
  const newAverage = <usize>arg(args, 8);
  const l2 = f32x4.splat(floatArg(args, 11));
  const keep1 = f32x4.splat(floatArg(args, 12));
  const beta2 = f32x4.splat(floatArg(args, 13));
  const keep2 = f32x4.splat(floatArg(args, 14));
  const step = f32x4.splat(floatArg(args, 15));
  const root = f32x4.splat(floatArg(args, 16));
  const epsilon = f32x4.splat(floatArg(args, 17));
  const shrink = f32x4.splat(floatArg(args, 18));
  const decay = f32x4.splat(floatArg(args, 19));
  let at = start;
  for (; at + 16 <= end; at += 16) {
    const old = v128.load(value + at);
    const g = f32x4.add(v128.load(gradient + at), f32x4.mul(l2, old));
    let m = v128.load(moment1 + at);
    m = f32x4.add(m, f32x4.mul(keep1, f32x4.sub(g, m)));
    const v = f32x4.add(f32x4.mul(beta2, v128.load(moment2 + at)), f32x4.mul(keep2, f32x4.mul(g, g)));
    const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(v), root), epsilon);
    const x = f32x4.sub(f32x4.mul(old, shrink), f32x4.div(f32x4.mul(step, m), divisor));
    v128.store(newMoment1 + at, m);
    v128.store(newMoment2 + at, v);
    v128.store(newValue + at, x);
    if (average)
      v128.store(newAverage + at, f32x4.add(x, f32x4.mul(decay, f32x4.sub(v128.load(average + at), x))));
  }
  for (; at < end; at += 4) {
    const old = load<f32>(value + at);
    const g = load<f32>(gradient + at) + floatArg(args, 11) * old;
    let m = load<f32>(moment1 + at);
    m = m + floatArg(args, 12) * (g - m);
    const v = floatArg(args, 13) * load<f32>(moment2 + at) + floatArg(args, 14) * (g * g);
    const divisor = sqrt<f32>(v) * floatArg(args, 16) + floatArg(args, 17);
    const x = old * floatArg(args, 18) - (floatArg(args, 15) * m) / divisor;
    store<f32>(newMoment1 + at, m);
    store<f32>(newMoment2 + at, v);
    store<f32>(newValue + at, x);
    if (average) store<f32>(newAverage + at, x + floatArg(args, 19) * (load<f32>(average + at) - x));
  }
}
