import { checkOptions } from "@csl/internal/errors/check-options";
import {
  type Checkpoint,
  checkpointOf,
  checkpointTensors,
  type LoadedCheckpoint,
} from "./checkpoint-parts.js";
import { parseSafetensors, safetensorsPieces } from "./safetensors-bytes.js";
import type { Classes } from "./training-state.js";

/**
 * As `loadCheckpoint`, from the bytes of a file, in a browser for instance.
 *
 * @param options.name what errors call the file.
 * @param options.classes refuse the file unless it was trained for exactly these classes in this order.
 * @throws CslError `invalid-file` for a file that is cut off or of another format; `mismatch` for one of other classes.
 */
export function parseCheckpoint(
  bytes: Uint8Array,
  options: { name?: string; classes?: Classes } = {},
): LoadedCheckpoint {
  checkOptions("parseCheckpoint", options, { name: true, classes: true });
  const { name = "the file", ...rest } = options;
  return checkpointOf("parseCheckpoint", name, parseSafetensors(bytes), { ...rest, stateOnly: false });
}

/**
 * The bytes of the file that `saveCheckpoint` would write.
 *
 * @throws CslError `not-finite` for a weight that is not finite.
 */
export function stringifyCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const speaker = "stringifyCheckpoint";
  const { tensors, metadata } = checkpointTensors(speaker, checkpoint, "No file was made.");
  const { head, numbers } = safetensorsPieces(speaker, tensors, metadata);
  const pieces = [head, ...numbers];
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
