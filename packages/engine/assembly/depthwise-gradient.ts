// Gradients of a depthwise convolution with channel multiplier 1 (what an anti-aliasing blur is), channels innermost.
import { arg } from "./arg";
import { addProduct } from "./vector";

// args of both: 0 from, 1 filter or dy, 2 out, 3 batch, 4 inHeight, 5 inWidth, 6 channels, 7 outHeight, 8 outWidth,
// 9 kernelHeight, 10 kernelWidth, 11 strideH, 12 strideW, 13 dilationH, 14 dilationW, 15 padTop, 16 padLeft

// dx[n, iy, ix, c] = sum over taps of  dy[n, oy, ox, c] * filter[tap, c].  from = dy. Item: one row (n, iy) of dx.
export function depthwiseInputGradient(args: usize, item: i32): void {
  const dy = <usize>arg(args, 0);
  const filter = <usize>arg(args, 1);
  const inHeight = arg(args, 4);
  const inWidth = arg(args, 5);
  const channels = arg(args, 6);
  const outHeight = arg(args, 7);
  const outWidth = arg(args, 8);
  const kernelHeight = arg(args, 9);
  const kernelWidth = arg(args, 10);
  const strideH = arg(args, 11);
  const strideW = arg(args, 12);
  const dilationH = arg(args, 13);
  const dilationW = arg(args, 14);
  const padTop = arg(args, 15);
  const padLeft = arg(args, 16);
  const n = item / inHeight;
  const iy = item % inHeight;
  const stride = (<usize>channels) << 2;
  let out = <usize>arg(args, 2) + <usize>(item * inWidth) * stride;
  for (let ix = 0; ix < inWidth; ix++) {
    memory.fill(out, 0, stride);
    for (let kh = 0; kh < kernelHeight; kh++) {
      const ty = iy + padTop - kh * dilationH;
      const oy = ty / strideH;
      if (ty < 0 || oy * strideH !== ty || oy >= outHeight) continue;
      for (let kw = 0; kw < kernelWidth; kw++) {
        const tx = ix + padLeft - kw * dilationW;
        const ox = tx / strideW;
        if (tx < 0 || ox * strideW !== tx || ox >= outWidth) continue;
        addProduct(
          out,
          dy + <usize>((n * outHeight + oy) * outWidth + ox) * stride,
          filter + <usize>(kh * kernelWidth + kw) * stride,
          channels,
        );
      }
    }
    out += stride;
  }
}

// dw[tap, c] = sum over pixels of  x[n, iy, ix, c] * dy[n, oy, ox, c].  from = x. Item: one tap.
export function depthwiseFilterGradient(args: usize, item: i32): void {
  const x = <usize>arg(args, 0);
  const dy = <usize>arg(args, 1);
  const batch = arg(args, 3);
  const inHeight = arg(args, 4);
  const inWidth = arg(args, 5);
  const channels = arg(args, 6);
  const outHeight = arg(args, 7);
  const outWidth = arg(args, 8);
  const kernelWidth = arg(args, 10);
  const strideH = arg(args, 11);
  const strideW = arg(args, 12);
  const offsetY = (item / kernelWidth) * arg(args, 13) - arg(args, 15);
  const offsetX = (item % kernelWidth) * arg(args, 14) - arg(args, 16);
  const stride = (<usize>channels) << 2;
  const out = <usize>arg(args, 2) + <usize>item * stride;
  memory.fill(out, 0, stride);
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const iy = oy * strideH + offsetY;
      if (<u32>iy >= <u32>inHeight) continue;
      for (let ox = 0; ox < outWidth; ox++) {
        const ix = ox * strideW + offsetX;
        if (<u32>ix >= <u32>inWidth) continue;
        addProduct(
          out,
          x + <usize>((n * inHeight + iy) * inWidth + ix) * stride,
          dy + <usize>((n * outHeight + oy) * outWidth + ox) * stride,
          channels,
        );
      }
    }
  }
}
