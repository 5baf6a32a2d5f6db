import { CslError } from "@csl/internal/errors/csl-error";
import { type DecoderOptions, type DecoderSizes, decoderSizes } from "./ml-decoder/decoder-sizes.js";

const heads = ["linear", "bottleneck", "ml-decoder"] as const;

/**
 * One Linear layer, or two without an activation between (rank-512 factorisation, the OpenImages files), or the
 * attention of ML-Decoder (arXiv 2111.12933).
 */
export type TResNetHead = (typeof heads)[number];

/** A head with everything that decides its tensors; `sizes` are of an ML-Decoder. */
export type HeadPlan = { readonly numClasses: number } & (
  | { readonly kind: "linear" | "bottleneck" }
  | { readonly kind: "ml-decoder"; readonly sizes: DecoderSizes }
);

/** @throws CslError `invalid-argument` for a head that does not exist, or sizes of another */
export function planHead({
  numClasses,
  head = "linear",
  decoder,
}: {
  numClasses: number;
  head?: TResNetHead;
  decoder?: DecoderOptions | undefined;
}): HeadPlan {
  if (!(Number.isInteger(numClasses) && numClasses >= 1))
    throw new CslError(
      "invalid-argument",
      `createTResNet: expected numClasses to be a whole number of at least 1, got ${numClasses}.`,
    );
  if (!heads.includes(head))
    throw new CslError(
      "invalid-argument",
      `createTResNet: expected head ${heads.map((name) => `"${name}"`).join(", ")}, got ${JSON.stringify(head)}.`,
    );
  if (head === "ml-decoder") return { numClasses, kind: head, sizes: decoderSizes(numClasses, decoder) };
  if (decoder !== undefined)
    throw new CslError(
      "invalid-argument",
      `createTResNet: expected decoder with head "ml-decoder" only, got it with "${head}". Leave it out.`,
    );
  return { numClasses, kind: head };
}
