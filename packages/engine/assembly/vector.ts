// Loops over short rows of numbers.
import { madd } from "./madd";

// out[i] = a * x[i]
export function scaleRow(out: usize, x: usize, a: f32, count: i32): void {
  const as = f32x4.splat(a);
  for (; count >= 4; count -= 4) {
    v128.store(out, f32x4.mul(as, v128.load(x)));
    out += 16;
    x += 16;
  }
  for (; count > 0; count--) {
    store<f32>(out, a * load<f32>(x));
    out += 4;
    x += 4;
  }
}

// out[i] = a * x[i] + b * y[i]
export function mixRows(out: usize, x: usize, a: f32, y: usize, b: f32, count: i32): void {
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  for (; count >= 4; count -= 4) {
    v128.store(out, madd(bs, v128.load(y), f32x4.mul(as, v128.load(x))));
    out += 16;
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    store<f32>(out, a * load<f32>(x) + b * load<f32>(y));
    out += 4;
    x += 4;
    y += 4;
  }
}

// out[i] = (x[i] + 2 y[i] + z[i]) * a
export function blurRows(out: usize, x: usize, y: usize, z: usize, a: f32, count: i32): void {
  const as = f32x4.splat(a);
  for (; count >= 4; count -= 4) {
    const middle = v128.load(y);
    const sum = f32x4.add(f32x4.add(v128.load(x), v128.load(z)), f32x4.add(middle, middle));
    v128.store(out, f32x4.mul(sum, as));
    out += 16;
    x += 16;
    y += 16;
    z += 16;
  }
  for (; count > 0; count--) {
    const middle = load<f32>(y);
    store<f32>(out, (load<f32>(x) + load<f32>(z) + (middle + middle)) * a);
    out += 4;
    x += 4;
    y += 4;
    z += 4;
  }
}

// sums[i] += a * x[i]
export function addScaled(sums: usize, x: usize, a: f32, count: i32): void {
  const as = f32x4.splat(a);
  for (; count >= 4; count -= 4) {
    v128.store(sums, madd(as, v128.load(x), v128.load(sums)));
    sums += 16;
    x += 16;
  }
  for (; count > 0; count--) {
    store<f32>(sums, load<f32>(sums) + a * load<f32>(x));
    sums += 4;
    x += 4;
  }
}

// sums[i] += x[i] * y[i]
export function addProduct(sums: usize, x: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(sums, madd(v128.load(x), v128.load(y), v128.load(sums)));
    sums += 16;
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    store<f32>(sums, load<f32>(sums) + load<f32>(x) * load<f32>(y));
    sums += 4;
    x += 4;
    y += 4;
  }
}

// sum of x[i] * y[i]
export function dot(x: usize, y: usize, count: i32): f32 {
  let sums = f32x4.splat(0);
  for (; count >= 4; count -= 4) {
    sums = madd(v128.load(x), v128.load(y), sums);
    x += 16;
    y += 16;
  }
  let sum =
    f32x4.extract_lane(sums, 0) +
    f32x4.extract_lane(sums, 1) +
    f32x4.extract_lane(sums, 2) +
    f32x4.extract_lane(sums, 3);
  for (; count > 0; count--) {
    sum += load<f32>(x) * load<f32>(y);
    x += 4;
    y += 4;
  }
  return sum;
}
