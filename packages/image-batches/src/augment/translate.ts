import { emptyLike, type Image } from "../image.js";
import { FILL } from "./shear.js";

/** Pillow's `transform(size, AFFINE, (1, 0, pixels, 0, 1, 0), NEAREST, fillcolor=grey)`: moves left by `pixels`. */
export function translateX(image: Image, pixels: number): Image {
  return translate(image, sourcePositions(image.width, pixels), sourcePositions(image.height, 0));
}

/** As `translateX` with AFFINE (1, 0, 0, 0, 1, pixels): moves up by `pixels`. */
export function translateY(image: Image, pixels: number): Image {
  return translate(image, sourcePositions(image.width, 0), sourcePositions(image.height, pixels));
}

/** The source position of every output position, or -1 outside; summed up as Pillow does (ImagingScaleAffine). */
function sourcePositions(length: number, offset: number): Int32Array {
  const positions = new Int32Array(length);
  let at = offset + 0.5;
  for (let i = 0; i < length; i++) {
    positions[i] = at < 0 || at >= length ? -1 : Math.trunc(at);
    at += 1;
  }
  return positions;
}

function translate(image: Image, columns: Int32Array, rows: Int32Array): Image {
  const out = emptyLike(image);
  const stride = image.width * 3;
  out.data.fill(FILL);
  // Both tables are runs of consecutive positions, so each row is one copy.
  const left = columns.findIndex((column) => column >= 0);
  const right = columns.findLastIndex((column) => column >= 0);
  if (left < 0) return out;
  for (let y = 0; y < rows.length; y++) {
    if (rows[y]! < 0) continue;
    const from = rows[y]! * stride;
    out.data.set(
      image.data.subarray(from + columns[left]! * 3, from + columns[right]! * 3 + 3),
      y * stride + left * 3,
    );
  }
  return out;
}
