import { threadKernels } from "../kernels/kernels.js";
import type { BatchType } from "./loader-options.js";

/** Where in a batch's memory an image goes. The memory is shared: a worker writes, the consumer reads, nothing is copied. */
export type ImageSlot = {
  memory: SharedArrayBuffer;
  dtype: BatchType;
  /** The image's first sample, counted in samples. */
  start: number;
};

/** Writes an image's samples into its slot: as they are, or divided by 255 as torchvision's ToTensor. */
export function fillSlot({ memory, dtype, start }: ImageSlot, image: Uint8Array): void {
  if (dtype === "uint8") new Uint8Array(memory).set(image, start);
  else {
    const out = new Float32Array(memory);
    if (!writeUnitFloats(image, out, start)) toUnit(image, out, start);
  }
}

function toUnit(image: Uint8Array, out: Float32Array, start: number): void {
  // For all 256 levels the double product rounds to the same float32 as the quotient (a test counts).
  const scale = 1 / 255;
  for (let i = 0; i < image.length; i++) out[start + i] = image[i]! * scale;
}

/** Samples per turn: what is read and written stays in the processor's cache. */
const CHUNK = 1 << 14;

/**
 * Writes image / 255 to `out` from `start` on.
 *
 * @returns false, with nothing written, where there are no kernels
 */
function writeUnitFloats(image: Uint8Array, out: Float32Array, start: number): boolean {
  const kernels = threadKernels();
  if (!kernels) return false;
  // Before the step: the memory may move, and a view of it is empty then.
  const { length } = image;
  const written = kernels.step(
    image,
    0,
    (from, _, at) => {
      const floats = new Float32Array(kernels.bytes.buffer, at, CHUNK);
      for (let done = 0; done < length; done += CHUNK) {
        const count = Math.min(CHUNK, length - done);
        kernels.run.unitFloats(from + done, at, count);
        out.set(count === CHUNK ? floats : floats.subarray(0, count), start + done);
      }
    },
    CHUNK * 4,
  );
  return written !== undefined;
}
