/**
 * CMYK (as it stands in the JPEG, 4 bytes a pixel) to RGB, the way Pillow's `convert("RGB")` does it, which
 * knows no profile: r = clip(nk - muldiv255(c, nk)) with nk = 255 - k. (Pillow, libImaging/Convert.c)
 *
 * @param cmyk [pixels * 4]
 * @returns [pixels * 3]
 */
export function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const pixels = cmyk.length / 4;
  const rgb = new Uint8Array(pixels * 3);
  for (let pixel = 0, i = 0, o = 0; pixel < pixels; pixel++, i += 4, o += 3) {
    const notBlack = 255 - cmyk[i + 3]!;
    // muldiv255 never exceeds notBlack, so nothing needs clipping.
    rgb[o] = notBlack - muldiv255(cmyk[i]!, notBlack);
    rgb[o + 1] = notBlack - muldiv255(cmyk[i + 1]!, notBlack);
    rgb[o + 2] = notBlack - muldiv255(cmyk[i + 2]!, notBlack);
  }
  return rgb;
}

/** a * b / 255 with Pillow's rounding. */
function muldiv255(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}
