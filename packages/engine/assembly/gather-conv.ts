// out[m, n] = leaky(bias[n] + sum over taps t and channels c of  in[row(m, t), c] * weights[t, c, n])
//
// The forward convolution, its gradient by the input, and the matrix product: only row(m, t) differs. The rows of a
// few output pixels ("tile") are looked up first, then a 5 x 8 tile of outputs is summed in registers. Weights come
// packed as [ceil(n/8)][taps][channels][8], so that they are read in order. A long sum is added up from short ones: the
// rounding errors of n float32 additions in a row grow with n.
import { arg, floatArg } from "./arg";
import { madd } from "./madd";
import { scratchAddress } from "./scratch";
import { storeRow } from "./store-row";

const TILE: i32 = 5;
const PANEL: i32 = 8;
const BLOCK: i32 = 256; // products in a row, a multiple of 4
const SUMS_BYTES: usize = (TILE * PANEL) << 2; // a tile's sums over whole blocks

// Item `item` is output pixels [item * pixelsPerItem, ...) times panels of one panel group.
// args: 0 in, 1 packed weights, 2 out, 3 zeros (at least inChannels floats), 4 batch, 5 inHeight, 6 inWidth,
// 7 inChannels, 8 outHeight, 9 outWidth, 10 outChannels, 11 kernelHeight, 12 kernelWidth, 13 strideH, 14 strideW,
// 15 dilationH, 16 dilationW, 17 padTop, 18 padLeft, 19 backward (1: in is the gradient by the output),
// 20 pixelsPerItem, 21 panelsPerItem, 22 panelGroups, 23 packed bias [panels][8], then float 24 slope
export function gatherConv(args: usize, item: i32): void {
  const input = <usize>arg(args, 0);
  const weights = <usize>arg(args, 1);
  const out = <usize>arg(args, 2);
  const zeros = arg(args, 3);
  const inHeight = arg(args, 5);
  const inWidth = arg(args, 6);
  const inChannels = arg(args, 7);
  const outHeight = arg(args, 8);
  const outWidth = arg(args, 9);
  const outChannels = arg(args, 10);
  const kernelHeight = arg(args, 11);
  const kernelWidth = arg(args, 12);
  const strideH = arg(args, 13);
  const strideW = arg(args, 14);
  const dilationH = arg(args, 15);
  const dilationW = arg(args, 16);
  const padTop = arg(args, 17);
  const padLeft = arg(args, 18);
  const backward = arg(args, 19);
  const pixelsPerItem = arg(args, 20);
  const panelsPerItem = arg(args, 21);
  const panelGroups = arg(args, 22);
  const bias = <usize>arg(args, 23);
  const slope = floatArg(args, 24);

  const taps = kernelHeight * kernelWidth;
  const pixels = arg(args, 4) * outHeight * outWidth;
  const panels = (outChannels + PANEL - 1) / PANEL;
  const group = item % panelGroups;
  const first = (item / panelGroups) * pixelsPerItem;
  const last = min(first + pixelsPerItem, pixels);
  const firstPanel = group * panelsPerItem;
  const lastPanel = min(firstPanel + panelsPerItem, panels);
  const table = scratchAddress() + SUMS_BYTES; // [tile][tap][TILE] addresses of rows of `in`

  // Rows of every tile of the item.
  let n = first / (outHeight * outWidth);
  const rest = first - n * outHeight * outWidth;
  let y = rest / outWidth;
  let x = rest - y * outWidth;
  const image = inHeight * inWidth;
  for (let m = first; m < last; m++) {
    const inTile = m - first;
    let entry = table + <usize>(((inTile / TILE) * taps * TILE + (inTile % TILE)) << 2);
    const base = n * image;
    for (let kh = 0; kh < kernelHeight; kh++) {
      let iy: i32;
      let validY: bool;
      if (backward) {
        const t = y + padTop - kh * dilationH;
        iy = t / strideH;
        validY = t >= 0 && iy * strideH === t && iy < inHeight;
      } else {
        iy = y * strideH - padTop + kh * dilationH;
        validY = <u32>iy < <u32>inHeight;
      }
      for (let kw = 0; kw < kernelWidth; kw++) {
        let ix: i32;
        let valid: bool;
        if (backward) {
          const t = x + padLeft - kw * dilationW;
          ix = t / strideW;
          valid = validY && t >= 0 && ix * strideW === t && ix < inWidth;
        } else {
          ix = x * strideW - padLeft + kw * dilationW;
          valid = validY && <u32>ix < <u32>inWidth;
        }
        const row = valid ? <i32>input + (((base + iy * inWidth + ix) * inChannels) << 2) : zeros;
        store<i32>(entry, row);
        entry += TILE << 2;
      }
    }
    if (++x === outWidth) {
      x = 0;
      if (++y === outHeight) {
        y = 0;
        n++;
      }
    }
  }
  // A last tile that is not full computes its first pixel again in the unused places.
  const tiles = (last - first + TILE - 1) / TILE;
  for (let m = last - first; m < tiles * TILE; m++) {
    const tile = table + <usize>(((m / TILE) * taps * TILE) << 2);
    for (let tap = 0; tap < taps; tap++) {
      store<i32>(tile + ((tap * TILE + (m % TILE)) << 2), zeros);
    }
  }

  for (let panel = firstPanel; panel < lastPanel; panel++) {
    const panelWeights = weights + ((<usize>(panel * taps * inChannels * PANEL)) << 2);
    const columns = min(PANEL, outChannels - panel * PANEL);
    for (let tile = 0; tile < tiles; tile++) {
      const m = first + tile * TILE;
      const target = out + ((<usize>(m * outChannels + panel * PANEL)) << 2);
      tileProduct(
        table + ((<usize>(tile * taps * TILE)) << 2),
        taps,
        inChannels,
        panelWeights,
        bias + ((<usize>(panel * PANEL)) << 2),
        slope,
        target,
        outChannels << 2,
        min(TILE, last - m),
        columns,
      );
    }
  }
}

// One 5 x 8 tile of outputs: the sum over a block of taps and channels stays in ten of the sixteen registers.
function tileProduct(
  rows: usize,
  taps: i32,
  channels: i32,
  weights: usize,
  bias: usize,
  slope: f32,
  out: usize,
  outStride: usize,
  tileRows: i32,
  columns: i32,
): void {
  let c00 = v128.load(bias, 0);
  let c01 = v128.load(bias, 16);
  let c10 = v128.load(bias, 0);
  let c11 = v128.load(bias, 16);
  let c20 = v128.load(bias, 0);
  let c21 = v128.load(bias, 16);
  let c30 = v128.load(bias, 0);
  let c31 = v128.load(bias, 16);
  let c40 = v128.load(bias, 0);
  let c41 = v128.load(bias, 16);
  let w = weights;
  const sums = scratchAddress();
  const inBlocks = taps * channels > BLOCK;
  if (inBlocks) memory.fill(sums, 0, SUMS_BYTES);
  let products = 0; // in the registers
  for (let tap = 0; tap < taps; tap++) {
    let a0 = <usize>load<u32>(rows, 0);
    let a1 = <usize>load<u32>(rows, 4);
    let a2 = <usize>load<u32>(rows, 8);
    let a3 = <usize>load<u32>(rows, 12);
    let a4 = <usize>load<u32>(rows, 16);
    rows += TILE << 2;
    let left = channels;
    while (left > 0) {
      if (products >= BLOCK) {
        c00 = moveTo(sums + 0, c00);
        c01 = moveTo(sums + 16, c01);
        c10 = moveTo(sums + 32, c10);
        c11 = moveTo(sums + 48, c11);
        c20 = moveTo(sums + 64, c20);
        c21 = moveTo(sums + 80, c21);
        c30 = moveTo(sums + 96, c30);
        c31 = moveTo(sums + 112, c31);
        c40 = moveTo(sums + 128, c40);
        c41 = moveTo(sums + 144, c41);
        products = 0;
      }
      let c = min(left, BLOCK);
      left -= c;
      products += c;
      for (; c >= 4; c -= 4) {
        let b0: v128, b1: v128, a: v128;
        b0 = v128.load(w, 0);
        b1 = v128.load(w, 16);
        a = v128.load32_splat(a0, 0);
        c00 = madd(a, b0, c00);
        c01 = madd(a, b1, c01);
        a = v128.load32_splat(a1, 0);
        c10 = madd(a, b0, c10);
        c11 = madd(a, b1, c11);
        a = v128.load32_splat(a2, 0);
        c20 = madd(a, b0, c20);
        c21 = madd(a, b1, c21);
        a = v128.load32_splat(a3, 0);
        c30 = madd(a, b0, c30);
        c31 = madd(a, b1, c31);
        a = v128.load32_splat(a4, 0);
        c40 = madd(a, b0, c40);
        c41 = madd(a, b1, c41);
        b0 = v128.load(w, 32);
        b1 = v128.load(w, 48);
        a = v128.load32_splat(a0, 4);
        c00 = madd(a, b0, c00);
        c01 = madd(a, b1, c01);
        a = v128.load32_splat(a1, 4);
        c10 = madd(a, b0, c10);
        c11 = madd(a, b1, c11);
        a = v128.load32_splat(a2, 4);
        c20 = madd(a, b0, c20);
        c21 = madd(a, b1, c21);
        a = v128.load32_splat(a3, 4);
        c30 = madd(a, b0, c30);
        c31 = madd(a, b1, c31);
        a = v128.load32_splat(a4, 4);
        c40 = madd(a, b0, c40);
        c41 = madd(a, b1, c41);
        b0 = v128.load(w, 64);
        b1 = v128.load(w, 80);
        a = v128.load32_splat(a0, 8);
        c00 = madd(a, b0, c00);
        c01 = madd(a, b1, c01);
        a = v128.load32_splat(a1, 8);
        c10 = madd(a, b0, c10);
        c11 = madd(a, b1, c11);
        a = v128.load32_splat(a2, 8);
        c20 = madd(a, b0, c20);
        c21 = madd(a, b1, c21);
        a = v128.load32_splat(a3, 8);
        c30 = madd(a, b0, c30);
        c31 = madd(a, b1, c31);
        a = v128.load32_splat(a4, 8);
        c40 = madd(a, b0, c40);
        c41 = madd(a, b1, c41);
        b0 = v128.load(w, 96);
        b1 = v128.load(w, 112);
        a = v128.load32_splat(a0, 12);
        c00 = madd(a, b0, c00);
        c01 = madd(a, b1, c01);
        a = v128.load32_splat(a1, 12);
        c10 = madd(a, b0, c10);
        c11 = madd(a, b1, c11);
        a = v128.load32_splat(a2, 12);
        c20 = madd(a, b0, c20);
        c21 = madd(a, b1, c21);
        a = v128.load32_splat(a3, 12);
        c30 = madd(a, b0, c30);
        c31 = madd(a, b1, c31);
        a = v128.load32_splat(a4, 12);
        c40 = madd(a, b0, c40);
        c41 = madd(a, b1, c41);
        w += 128;
        a0 += 16;
        a1 += 16;
        a2 += 16;
        a3 += 16;
        a4 += 16;
      }
      for (; c > 0; c--) {
        const b0 = v128.load(w, 0);
        const b1 = v128.load(w, 16);
        let a: v128;
        a = v128.load32_splat(a0);
        c00 = madd(a, b0, c00);
        c01 = madd(a, b1, c01);
        a0 += 4;
        a = v128.load32_splat(a1);
        c10 = madd(a, b0, c10);
        c11 = madd(a, b1, c11);
        a1 += 4;
        a = v128.load32_splat(a2);
        c20 = madd(a, b0, c20);
        c21 = madd(a, b1, c21);
        a2 += 4;
        a = v128.load32_splat(a3);
        c30 = madd(a, b0, c30);
        c31 = madd(a, b1, c31);
        a3 += 4;
        a = v128.load32_splat(a4);
        c40 = madd(a, b0, c40);
        c41 = madd(a, b1, c41);
        a4 += 4;
        w += 32;
      }
    }
  }
  if (inBlocks) {
    c00 = f32x4.add(c00, v128.load(sums, 0));
    c01 = f32x4.add(c01, v128.load(sums, 16));
    c10 = f32x4.add(c10, v128.load(sums, 32));
    c11 = f32x4.add(c11, v128.load(sums, 48));
    c20 = f32x4.add(c20, v128.load(sums, 64));
    c21 = f32x4.add(c21, v128.load(sums, 80));
    c30 = f32x4.add(c30, v128.load(sums, 96));
    c31 = f32x4.add(c31, v128.load(sums, 112));
    c40 = f32x4.add(c40, v128.load(sums, 128));
    c41 = f32x4.add(c41, v128.load(sums, 144));
  }
  if (slope !== 1) {
    const slopes = f32x4.splat(slope);
    c00 = leaky(c00, slopes);
    c01 = leaky(c01, slopes);
    c10 = leaky(c10, slopes);
    c11 = leaky(c11, slopes);
    c20 = leaky(c20, slopes);
    c21 = leaky(c21, slopes);
    c30 = leaky(c30, slopes);
    c31 = leaky(c31, slopes);
    c40 = leaky(c40, slopes);
    c41 = leaky(c41, slopes);
  }
  storeRow(out, c00, c01, columns);
  if (tileRows > 1) storeRow(out + outStride * 1, c10, c11, columns);
  if (tileRows > 2) storeRow(out + outStride * 2, c20, c21, columns);
  if (tileRows > 3) storeRow(out + outStride * 3, c30, c31, columns);
  if (tileRows > 4) storeRow(out + outStride * 4, c40, c41, columns);
}

// Adds a register to memory; what is left in it is 0.
function moveTo(sums: usize, v: v128): v128 {
  v128.store(sums, f32x4.add(v128.load(sums), v));
  return f32x4.splat(0);
}

function leaky(v: v128, slopes: v128): v128 {
  return v128.bitselect(v, f32x4.mul(v, slopes), f32x4.gt(v, f32x4.splat(0)));
}
