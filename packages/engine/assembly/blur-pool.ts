// Anti-alias: [1,2,1] x [1,2,1] / 16 per channel with a reflected border, stride 2; and its transpose. [b, h, w, c].
import { arg } from "./arg";
import { scratchAddress } from "./scratch";
import { blurRows, mixRows, scaleRow } from "./vector";

// Position beside an edge, mirrored without repeating the edge itself.
function reflect(i: i32, n: i32): i32 {
  return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
}

// Item = one row of y.  args: 0 x, 1 y, 2 height, 3 width, 4 channels
export function blurPool(args: usize, item: i32): void {
  const height = arg(args, 2);
  const width = arg(args, 3);
  const channels = arg(args, 4);
  const rows = (height + 1) / 2;
  const columns = (width + 1) / 2;
  const pixel = (<usize>channels) << 2;
  const stride = <usize>width * pixel;
  const image = <usize>arg(args, 0) + <usize>((item / rows) * height) * stride;
  const row = (item % rows) * 2;
  const column = scratchAddress(); // the three rows, blurred down: [width, channels]
  blurRows(
    column,
    image + <usize>reflect(row - 1, height) * stride,
    image + <usize>row * stride,
    image + <usize>reflect(row + 1, height) * stride,
    1,
    width * channels,
  );
  let out = <usize>arg(args, 1) + <usize>(item * columns) * pixel;
  for (let i = 0; i < columns; i++) {
    const left = column + <usize>reflect(2 * i - 1, width) * pixel;
    const right = column + <usize>reflect(2 * i + 1, width) * pixel;
    blurRows(out, left, column + <usize>(2 * i) * pixel, right, 1.0 / 16.0, channels);
    out += pixel;
  }
}

// How much of y[i] reaches its odd neighbour: 1/4, and twice that where the border mirrors the neighbour.
function share(i: i32, n: i32): f32 {
  return i === 0 || (n % 2 === 1 && i === (n - 1) / 2) ? 0.5 : 0.25;
}

// Item = one row of dx. Per axis dx[2i] = dy[i] / 2, dx[2i+1] = share(i) dy[i] + share(i+1) dy[i+1].
// args: 0 dy, 1 dx, 2 height, 3 width, 4 channels (of dx)
export function blurPoolGradient(args: usize, item: i32): void {
  const height = arg(args, 2);
  const width = arg(args, 3);
  const channels = arg(args, 4);
  const rows = (height + 1) / 2;
  const columns = (width + 1) / 2;
  const pixel = (<usize>channels) << 2;
  const stride = <usize>columns * pixel;
  const image = <usize>arg(args, 0) + <usize>((item / height) * rows) * stride;
  const row = item % height;
  const i = row >> 1;
  const from = image + <usize>i * stride;
  const line = scratchAddress(); // the row of dx before it is spread along: [columns, channels]
  if (row % 2 === 0) scaleRow(line, from, 0.5, columns * channels);
  else if (i + 1 < rows)
    mixRows(line, from, share(i, height), from + stride, share(i + 1, height), columns * channels);
  else scaleRow(line, from, share(i, height), columns * channels);
  let out = <usize>arg(args, 1) + <usize>(item * width) * pixel;
  for (let x = 0; x < width; x++) {
    const j = x >> 1;
    const at = line + <usize>j * pixel;
    if (x % 2 === 0) scaleRow(out, at, 0.5, channels);
    else if (j + 1 < columns) mixRows(out, at, share(j, width), at + pixel, share(j + 1, width), channels);
    else scaleRow(out, at, share(j, width), channels);
    out += pixel;
  }
}
