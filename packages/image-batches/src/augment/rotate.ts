import { emptyLike, type Image } from "../image.js";
import { imageStep } from "../kernels/image-step.js";
import { FILL } from "./shear.js";

/**
 * The reference's rotation: `convert("RGBA").rotate(degrees)` (nearest, about the centre, counter-clockwise),
 * composited on grey 128. 16.16 fixed point, as Pillow's affine_fixed.
 *
 * @param degrees above -90 and below 90
 */
export function rotate(image: Image, degrees: number): Image {
  const { width, height } = image;
  const path = sourcePath(image, degrees);
  const { start, step, rowStep } = path;
  return (
    imageStep(image, (kernels, from, to) =>
      kernels.rotate(from, to, width, height, start.x, start.y, step.x, step.y, rowStep.x, rowStep.y),
    ) ?? follow(image, path)
  );
}

/** Source positions in 16.16: that of output pixel (0, 0) and the steps to the next pixel and row. */
type SourcePath = Record<"start" | "step" | "rowStep", { x: number; y: number }>;

function sourcePath({ width, height }: Image, degrees: number): SourcePath {
  const angle = -degrees * (Math.PI / 180);
  const cos = round15(Math.cos(angle));
  const sin = round15(Math.sin(angle));
  const centreX = width / 2;
  const centreY = height / 2;
  const xOffset = cos * -centreX + sin * -centreY + centreX;
  const yOffset = -sin * -centreX + cos * -centreY + centreY;
  return {
    // Of the pixel's centre.
    start: { x: fixed(xOffset + cos * 0.5 + sin * 0.5), y: fixed(yOffset + -sin * 0.5 + cos * 0.5) },
    step: { x: fixed(cos), y: fixed(-sin) },
    rowStep: { x: fixed(sin), y: fixed(cos) },
  };
}

function follow(image: Image, { start, step, rowStep }: SourcePath): Image {
  const { data, width, height } = image;
  const out = emptyLike(image);
  for (let y = 0, o = 0; y < height; y++) {
    let atX = start.x + y * rowStep.x;
    let atY = start.y + y * rowStep.y;
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
      atX += step.x;
      atY += step.y;
    }
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
