import type { Batch } from "@csl/trainer";
import type { Pixels } from "../pages/thumbnail.js";

/** Side of the small images that are kept while a validation runs. */
const SIDE = 96;

/** A copy of an image of a batch in small: the mean of the two by two points in the middle of each field. */
export function shrinkImage({ images, height, width }: Batch, row: number): Pixels {
  const factor = images instanceof Uint8Array ? 1 : 255;
  const scale = Math.max(1, Math.max(height, width) / SIDE);
  const [small, across] = [Math.max(1, Math.round(height / scale)), Math.max(1, Math.round(width / scale))];
  const start = row * height * width * 3;
  // Most often the images of small trainings.
  if (scale === 1 && images instanceof Uint8Array)
    return { data: images.slice(start, start + height * width * 3), width, height };
  const data = new Uint8ClampedArray(small * across * 3);
  const step = scale >= 2 ? 1 : 0;
  let out = 0;
  for (let y = 0; y < small; y++) {
    const top = Math.min(height - 1 - step, Math.floor((y + 0.5) * scale - step / 2));
    for (let x = 0; x < across; x++) {
      const left = Math.min(width - 1 - step, Math.floor((x + 0.5) * scale - step / 2));
      for (let channel = 0; channel < 3; channel++) {
        const at = start + (top * width + left) * 3 + channel;
        const below = at + step * width * 3;
        const sum = images[at]! + images[at + 3 * step]! + images[below]! + images[below + 3 * step]!;
        data[out++] = (sum * factor) / 4;
      }
    }
  }
  return { data: new Uint8Array(data.buffer), width: across, height: small };
}
