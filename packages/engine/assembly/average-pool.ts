// Mean over 2 x 2 pixels with stride 2, at an odd edge over what is there; and its gradient. [b, h, w, c].
import { arg } from "./arg";
import { scaleRow } from "./vector";

// Item = one row of y.  args: 0 x, 1 y, 2 height, 3 width, 4 channels
export function averagePool(args: usize, item: i32): void {
  const height = arg(args, 2);
  const width = arg(args, 3);
  const channels = arg(args, 4);
  const rows = (height + 1) / 2;
  const columns = (width + 1) / 2;
  const pixel = (<usize>channels) << 2;
  const stride = <usize>width * pixel;
  const row = (item % rows) * 2;
  const upper = <usize>arg(args, 0) + <usize>((item / rows) * height + row) * stride;
  const lower = row + 1 < height ? upper + stride : upper;
  let out = <usize>arg(args, 1) + <usize>(item * columns) * pixel;
  for (let x = 0; x < width; x += 2) {
    // Where a neighbour is missing its place is taken by the pixel itself: the mean of what is there.
    const left = <usize>x * pixel;
    const right = x + 1 < width ? left + pixel : left;
    meanOfFour(out, upper + left, upper + right, lower + left, lower + right, channels);
    out += pixel;
  }
}

function meanOfFour(out: usize, a: usize, b: usize, c: usize, d: usize, count: i32): void {
  const quarter = f32x4.splat(0.25);
  let at: usize = 0;
  for (; count >= 4; count -= 4) {
    const top = f32x4.add(v128.load(a + at), v128.load(b + at));
    const bottom = f32x4.add(v128.load(c + at), v128.load(d + at));
    v128.store(out + at, f32x4.mul(f32x4.add(top, bottom), quarter));
    at += 16;
  }
  for (; count > 0; count--) {
    const top = load<f32>(a + at) + load<f32>(b + at);
    const bottom = load<f32>(c + at) + load<f32>(d + at);
    store<f32>(out + at, (top + bottom) * 0.25);
    at += 4;
  }
}

// Item = one row of dx.  args: 0 dy, 1 dx, 2 height, 3 width, 4 channels (of dx)
export function averagePoolGradient(args: usize, item: i32): void {
  const height = arg(args, 2);
  const width = arg(args, 3);
  const channels = arg(args, 4);
  const rows = (height + 1) / 2;
  const columns = (width + 1) / 2;
  const pixel = (<usize>channels) << 2;
  const row = item % height;
  const from = <usize>arg(args, 0) + <usize>(((item / height) * rows + (row >> 1)) * columns) * pixel;
  const rowShare: f32 = (row | 1) < height ? 0.5 : 1;
  let out = <usize>arg(args, 1) + <usize>(item * width) * pixel;
  for (let x = 0; x < width; x++) {
    const share: f32 = (x | 1) < width ? rowShare * 0.5 : rowShare;
    scaleRow(out, from + <usize>(x >> 1) * pixel, share, channels);
    out += pixel;
  }
}
