import type { Image } from "../image.js";

/** Pillow's `convert("L")`: ITU-R 601 luma in 16-bit fixed point, [height * width]. */
export function grey({ data }: Image): Uint8Array {
  const out = new Uint8Array(data.length / 3);
  for (let o = 0, i = 0; o < out.length; o++, i += 3) {
    out[o] = (data[i]! * 19595 + data[i + 1]! * 38470 + data[i + 2]! * 7471 + 0x8000) >> 16;
  }
  return out;
}
