import { CslError } from "@csl/internal/errors/csl-error";
import { HexIds } from "./hex-ids.js";
import type { SampleIds } from "./sample-ids.js";
import { TextIds } from "./text-ids.js";

const HEX = /^[0-9a-f]{16}$/;

/** Packs ids; packed ones come back as they are. */
export function sampleIdsFrom(ids: readonly string[] | SampleIds): SampleIds {
  if (!Array.isArray(ids)) return ids as SampleIds;
  const texts = ids as readonly string[];
  texts.forEach((id, i) => {
    if (typeof id !== "string") {
      throw new CslError(
        "invalid-argument",
        `sampleIdsFrom: expected texts, got ${JSON.stringify(id)} at ${i}. Numeric ids: String(id).`,
      );
    }
  });
  return texts.every((id) => HEX.test(id)) ? HexIds.from(texts) : TextIds.from(texts);
}

/** Ids of 16 hexadecimal digits from their numbers, [samples, 2]: the upper 32 bits, then the lower. */
export function hexSampleIds(words: Uint32Array): SampleIds {
  return new HexIds(words);
}

/** Ids of any text from their UTF-8, one after another; id i ends before byte `ends[i]`. */
export function textSampleIds(bytes: Uint8Array, ends: Uint32Array): SampleIds {
  return new TextIds(bytes, ends);
}
