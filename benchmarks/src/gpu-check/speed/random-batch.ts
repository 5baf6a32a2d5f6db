import { mulberry32 } from "@csl/internal/random/mulberry32";
import type { Batch } from "@csl/trainer";
import type { Job } from "./job.js";

/** Noise, as bytes in host memory; one label in five is positive, one negative, the others are un-annotated. */
export function randomBatch({ batch, size, classes }: Job): Batch {
  const random = mulberry32(1);
  return {
    images: Uint8Array.from({ length: batch * size * size * 3 }, () => random() * 256),
    labels: Int8Array.from({ length: batch * classes }, () => Math.max(-1, Math.floor(random() * 5) - 3)),
    ...{ size: batch, height: size, width: size },
  };
}
