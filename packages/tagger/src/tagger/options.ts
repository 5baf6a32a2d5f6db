import { checkOptions } from "@csl/internal/errors/check-options";
import { checkCount, checkRange } from "@csl/internal/errors/check-values";
import type { BatchOptions } from "./batcher.js";
import type { TagChoice } from "./pick-tags.js";

/** What one call may ask for. */
export interface TagOptions extends TagChoice {
  /** Takes images back that have not run yet; the call is rejected with its reason. */
  signal?: AbortSignal | undefined;
}

/** What every tagger may be given. */
export interface TaggerOptions extends TagChoice, Partial<BatchOptions> {
  /** Turn images as their EXIF orientation says: photographs of phones. The training does not. Default false. */
  autoOrient?: boolean;
  /** Pixels of the largest image that is read. Default 178,956,970, as in Pillow. */
  maxPixels?: number;
  /**
   * What onnxruntime computes on. In Node "cpu" (default), "cuda", "webgpu", "coreml" or "dml", as far as onnxruntime-node has them
   * on this machine; in browsers "wasm" (default) or "webgpu".
   */
  engine?: string;
  /** Threads that compute. Default: onnxruntime's, which is the number of cores in Node. */
  threads?: number;
}

const taggerOptionNames = {
  ...{ threshold: true, top: true, batchSize: true, batchDelay: true },
  ...{ autoOrient: true, maxPixels: true, engine: true, threads: true },
} as const;

/** @throws CslError `unknown-option`, `invalid-argument` */
export function checkTaggerOptions(options: TaggerOptions, more: object = {}): void {
  checkOptions("createTagger", options, { ...taggerOptionNames, ...more });
  checkChoice("createTagger", options);
  const { batchSize, batchDelay, maxPixels, threads } = options;
  for (const [name, count] of Object.entries({ batchSize, maxPixels, threads }))
    if (count !== undefined) checkCount("createTagger", name, count);
  if (batchDelay !== undefined) checkRange("createTagger", "batchDelay", batchDelay, { from: 0, to: 60_000 });
}

/** @throws CslError `unknown-option`, `invalid-argument` */
export function checkTagOptions(options: TagOptions): void {
  checkOptions("tag", options, { threshold: true, top: true, signal: true });
  checkChoice("tag", options);
}

function checkChoice(speaker: string, { threshold, top }: TagChoice): void {
  if (threshold !== undefined) checkRange(speaker, "threshold", threshold, { from: 0, to: 1 });
  if (top !== undefined) checkCount(speaker, "top", top);
}
