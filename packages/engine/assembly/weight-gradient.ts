// dw[tap, ci, co] = sum over output pixels m of  x[row(m, tap), ci] * dy[m, co]
//
// The gradient of a convolution by its filter, and the matrix product with the left side transposed. An item is one
// tap and a block of at most 65 x 64 channels. For 128 pixels at a time both sides are laid out in panels that the
// inner loop reads in order; the block of sums stays in the second-level cache.
import { arg } from "./arg";
import { madd } from "./madd";
import { scratchAddress } from "./scratch";
import { storeRow } from "./store-row";

const ROWS: i32 = 5;
const PANEL: i32 = 8;
const PIXELS: i32 = 128;
const BLOCK: i32 = 65;

// args: 0 x, 1 dy, 2 dw, 3 batch, 4 inHeight, 5 inWidth, 6 inChannels, 7 outHeight, 8 outWidth, 9 outChannels,
// 10 kernelWidth, 11 strideH, 12 strideW, 13 dilationH, 14 dilationW, 15 padTop, 16 padLeft,
// 17 inBlock (channels of x an item takes, at most 65, a multiple of 5), 18 outBlock (of dy; a multiple of 8)
export function weightGradient(args: usize, item: i32): void {
  const x = <usize>arg(args, 0);
  const dy = <usize>arg(args, 1);
  const inHeight = arg(args, 4);
  const inWidth = arg(args, 5);
  const inChannels = arg(args, 6);
  const outHeight = arg(args, 7);
  const outWidth = arg(args, 8);
  const outChannels = arg(args, 9);
  const kernelWidth = arg(args, 10);
  const strideH = arg(args, 11);
  const strideW = arg(args, 12);
  const inBlock = arg(args, 17);
  const outBlock = arg(args, 18);

  const inBlocks = (inChannels + inBlock - 1) / inBlock;
  const outBlocks = (outChannels + outBlock - 1) / outBlock;
  const tap = item / (inBlocks * outBlocks);
  const ci = ((item / outBlocks) % inBlocks) * inBlock;
  const co = (item % outBlocks) * outBlock;
  const rows = min(inBlock, inChannels - ci);
  const columns = min(outBlock, outChannels - co);
  const rowPanels = (rows + ROWS - 1) / ROWS;
  const columnPanels = (columns + PANEL - 1) / PANEL;
  const pixels = arg(args, 3) * outHeight * outWidth;

  const left = scratchAddress(); // [rowPanels][PIXELS][ROWS]
  const right = left + ((BLOCK * PIXELS) << 2); // [columnPanels][PIXELS][PANEL]
  const sums = right + ((BLOCK * PIXELS) << 2); // [rowPanels][columnPanels][ROWS][PANEL]
  memory.fill(sums, 0, (<usize>(rowPanels * columnPanels * ROWS * PANEL)) << 2);

  const offsetY = (tap / kernelWidth) * arg(args, 13) - arg(args, 15);
  const offsetX = (tap % kernelWidth) * arg(args, 14) - arg(args, 16);
  let n = 0;
  let oy = 0;
  let ox = 0;
  for (let first = 0; first < pixels; first += PIXELS) {
    const count = min(PIXELS, pixels - first);
    for (let m = 0; m < count; m++) {
      const iy = oy * strideH + offsetY;
      const ix = ox * strideW + offsetX;
      const to = left + ((<usize>(m * ROWS)) << 2);
      if (<u32>iy < <u32>inHeight && <u32>ix < <u32>inWidth) {
        const row = x + ((<usize>(((n * inHeight + iy) * inWidth + ix) * inChannels + ci)) << 2);
        packLeft(row, to, rows);
      } else {
        for (let p = 0; p < rowPanels; p++) {
          const at = to + ((<usize>(p * PIXELS * ROWS)) << 2);
          v128.store(at, f32x4.splat(0));
          store<f32>(at, 0, 16);
        }
      }
      packRight(
        dy + ((<usize>((first + m) * outChannels + co)) << 2),
        right + ((<usize>(m * PANEL)) << 2),
        columns,
      );
      if (++ox === outWidth) {
        ox = 0;
        if (++oy === outHeight) {
          oy = 0;
          n++;
        }
      }
    }
    let at = sums;
    for (let r = 0; r < rowPanels; r++) {
      for (let c = 0; c < columnPanels; c++) {
        addProducts(
          left + ((<usize>(r * PIXELS * ROWS)) << 2),
          right + ((<usize>(c * PIXELS * PANEL)) << 2),
          count,
          at,
        );
        at += (ROWS * PANEL) << 2;
      }
    }
  }

  const out = <usize>arg(args, 2) + ((<usize>((tap * inChannels + ci) * outChannels + co)) << 2);
  let at = sums;
  for (let r = 0; r < rowPanels; r++) {
    for (let c = 0; c < columnPanels; c++) {
      for (let i = 0; i < ROWS; i++) {
        const row = r * ROWS + i;
        if (row < rows) {
          storeRow(
            out + ((<usize>(row * outChannels + c * PANEL)) << 2),
            v128.load(at, 0),
            v128.load(at, 16),
            min(PANEL, columns - c * PANEL),
          );
        }
        at += PANEL << 2;
      }
    }
  }
}

// Spreads `channels` numbers over panels of five; the last panel is filled with zeros.
function packLeft(from: usize, to: usize, channels: i32): void {
  let c = channels;
  for (; c >= ROWS; c -= ROWS) {
    v128.store(to, v128.load(from));
    store<f32>(to, load<f32>(from, 16), 16);
    from += ROWS << 2;
    to += (PIXELS * ROWS) << 2;
  }
  if (!c) return;
  v128.store(to, c === 4 ? v128.load(from) : loadSome(from, c));
  store<f32>(to, 0, 16);
}

// Spreads `channels` numbers over panels of eight; the last panel is filled with zeros.
function packRight(from: usize, to: usize, channels: i32): void {
  let c = channels;
  for (; c >= PANEL; c -= PANEL) {
    v128.store(to, v128.load(from, 0), 0);
    v128.store(to, v128.load(from, 16), 16);
    from += PANEL << 2;
    to += (PIXELS * PANEL) << 2;
  }
  if (!c) return;
  v128.store(to, c >= 4 ? v128.load(from) : loadSome(from, c), 0);
  v128.store(to, c > 4 ? loadSome(from + 16, c - 4) : f32x4.splat(0), 16);
}

// The first `count` (1 to 3) numbers, then zeros: reads nothing beyond them.
function loadSome(from: usize, count: i32): v128 {
  let v = v128.load32_zero(from);
  if (count > 1) v = v128.load_lane<f32>(from, v, 1, 4);
  if (count > 2) v = v128.load_lane<f32>(from, v, 2, 8);
  return v;
}

// sums[5][8] += left[m][5]^T right[m][8], over `count` pixels. These are summed by themselves first: the rounding errors of
// n float32 additions in a row grow with n.
function addProducts(left: usize, right: usize, count: i32, sums: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  for (; count >= 2; count -= 2) {
    let b0 = v128.load(right, 0);
    let b1 = v128.load(right, 16);
    let a = v128.load32_splat(left, 0);
    c00 = madd(a, b0, c00);
    c01 = madd(a, b1, c01);
    a = v128.load32_splat(left, 4);
    c10 = madd(a, b0, c10);
    c11 = madd(a, b1, c11);
    a = v128.load32_splat(left, 8);
    c20 = madd(a, b0, c20);
    c21 = madd(a, b1, c21);
    a = v128.load32_splat(left, 12);
    c30 = madd(a, b0, c30);
    c31 = madd(a, b1, c31);
    a = v128.load32_splat(left, 16);
    c40 = madd(a, b0, c40);
    c41 = madd(a, b1, c41);
    b0 = v128.load(right, 32);
    b1 = v128.load(right, 48);
    a = v128.load32_splat(left, 20);
    c00 = madd(a, b0, c00);
    c01 = madd(a, b1, c01);
    a = v128.load32_splat(left, 24);
    c10 = madd(a, b0, c10);
    c11 = madd(a, b1, c11);
    a = v128.load32_splat(left, 28);
    c20 = madd(a, b0, c20);
    c21 = madd(a, b1, c21);
    a = v128.load32_splat(left, 32);
    c30 = madd(a, b0, c30);
    c31 = madd(a, b1, c31);
    a = v128.load32_splat(left, 36);
    c40 = madd(a, b0, c40);
    c41 = madd(a, b1, c41);
    left += 40;
    right += 64;
  }
  if (count) {
    const b0 = v128.load(right, 0);
    const b1 = v128.load(right, 16);
    let a = v128.load32_splat(left, 0);
    c00 = madd(a, b0, c00);
    c01 = madd(a, b1, c01);
    a = v128.load32_splat(left, 4);
    c10 = madd(a, b0, c10);
    c11 = madd(a, b1, c11);
    a = v128.load32_splat(left, 8);
    c20 = madd(a, b0, c20);
    c21 = madd(a, b1, c21);
    a = v128.load32_splat(left, 12);
    c30 = madd(a, b0, c30);
    c31 = madd(a, b1, c31);
    a = v128.load32_splat(left, 16);
    c40 = madd(a, b0, c40);
    c41 = madd(a, b1, c41);
  }
  v128.store(sums, f32x4.add(c00, v128.load(sums, 0)), 0);
  v128.store(sums, f32x4.add(c01, v128.load(sums, 16)), 16);
  v128.store(sums, f32x4.add(c10, v128.load(sums, 32)), 32);
  v128.store(sums, f32x4.add(c11, v128.load(sums, 48)), 48);
  v128.store(sums, f32x4.add(c20, v128.load(sums, 64)), 64);
  v128.store(sums, f32x4.add(c21, v128.load(sums, 80)), 80);
  v128.store(sums, f32x4.add(c30, v128.load(sums, 96)), 96);
  v128.store(sums, f32x4.add(c31, v128.load(sums, 112)), 112);
  v128.store(sums, f32x4.add(c40, v128.load(sums, 128)), 128);
  v128.store(sums, f32x4.add(c41, v128.load(sums, 144)), 144);
}
