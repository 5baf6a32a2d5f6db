import { stringifyCheckpoint } from "@csl/checkpoints/browser";
import type { Model } from "../models/load-models.js";
import type { Head } from "./head.js";

/**
 * The body with the head on it, as the checkpoint that `csl infer` and the other commands read.
 *
 * @returns the bytes of a safetensors file
 */
export function headFile({ classes, weight, bias }: Head, { state, architecture, side }: Model): Uint8Array {
  const own = new Map(state);
  own.set("head.fc.weight", { shape: [classes.length, weight.length / classes.length], data: weight });
  own.set("head.fc.bias", { shape: [classes.length], data: bias });
  return stringifyCheckpoint({
    state: own,
    classes: { ids: classes.map(({ id }) => id), names: classes.map(({ name }) => name) },
    config: { imageSize: side, model: { ...architecture, numClasses: classes.length } },
  });
}
