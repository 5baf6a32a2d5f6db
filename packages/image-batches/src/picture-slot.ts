import { writeUnitFloats } from "./kernels/unit-floats.js";
import type { BatchType } from "./loader-options.js";

/** Where in a batch's memory a picture goes. The memory is shared: a worker writes, the consumer reads, nobody copies. */
export type PictureSlot = {
  memory: SharedArrayBuffer;
  dtype: BatchType;
  /** The picture's first sample, counted in samples. */
  start: number;
};

/** Writes a picture's samples into its slot: as they are, or divided by 255 as torchvision's ToTensor. */
export function fillSlot({ memory, dtype, start }: PictureSlot, picture: Uint8Array): void {
  if (dtype === "uint8") new Uint8Array(memory).set(picture, start);
  else {
    const out = new Float32Array(memory);
    if (!writeUnitFloats(picture, out, start)) toUnit(picture, out, start);
  }
}

function toUnit(picture: Uint8Array, out: Float32Array, start: number): void {
  // For all 256 levels the double product rounds to the same float32 as the quotient (a test counts).
  const scale = 1 / 255;
  for (let i = 0; i < picture.length; i++) out[start + i] = picture[i]! * scale;
}
