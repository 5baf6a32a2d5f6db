import { threadKernels } from "./kernels.js";

/** Samples per turn: what is read and written stays in the processor's cache. */
const CHUNK = 1 << 14;

/**
 * Writes image / 255 to `out` from `start` on.
 *
 * @returns false, with nothing written, where there are no kernels
 */
export function writeUnitFloats(image: Uint8Array, out: Float32Array, start: number): boolean {
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
