import { emptyLike, type Image } from "../image.js";
import { FILL } from "./shear.js";

/**
 * The reference's rotation: `convert("RGBA").rotate(degrees)` (nearest, about the centre, counter-clockwise),
 * composited on grey 128. 16.16 fixed point, as Pillow's affine_fixed.
 *
 * @param degrees above -90 and below 90
 */
export function rotate(image: Image, degrees: number): Image {
  const { data, width, height } = image;
  const out = emptyLike(image);
  const angle = -degrees * (Math.PI / 180);
  const cos = round15(Math.cos(angle));
  const sin = round15(Math.sin(angle));
  const centreX = width / 2;
  const centreY = height / 2;
  const xOffset = cos * -centreX + sin * -centreY + centreX;
  const yOffset = -sin * -centreX + cos * -centreY + centreY;
  const a0 = fixed(cos);
  const a1 = fixed(sin);
  const a3 = fixed(-sin);
  const a4 = fixed(cos);
  // Source position of the centre of output pixel (0, 0), then of the first pixel of each row.
  let rowX = fixed(xOffset + cos * 0.5 + sin * 0.5);
  let rowY = fixed(yOffset + -sin * 0.5 + cos * 0.5);
  for (let y = 0, o = 0; y < height; y++) {
    let atX = rowX;
    let atY = rowY;
    for (let x = 0; x < width; x++, o += 3) {
      const sourceX = atX >> 16;
      const sourceY = atY >> 16;
      if (sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height) {
        const i = (sourceY * width + sourceX) * 3;
        out.data[o] = data[i]!;
        out.data[o + 1] = data[i + 1]!;
        out.data[o + 2] = data[i + 2]!;
      } else {
        out.data[o] = out.data[o + 1] = out.data[o + 2] = FILL;
      }
      atX += a0;
      atY += a3;
    }
    rowX += a1;
    rowY += a4;
  }
  return out;
}

/** Pillow rounds the matrix to 15 decimals, so that e.g. cos 90° is 0. */
function round15(value: number): number {
  return Number(value.toFixed(15));
}

function fixed(value: number): number {
  return Math.floor(value * 65536 + 0.5);
}
