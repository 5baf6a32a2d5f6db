import { readFileSync } from "node:fs";
import { parseSafetensors } from "@csl/checkpoints";
import type { Random } from "@csl/internal/random/mulberry32";
import { fixture } from "../fixture.js";
import { mutateJson } from "../mutate-json.js";
import type { FuzzTarget } from "../target.js";

/** Weights in safetensors, read from memory. */
export const safetensors: FuzzTarget = {
  name: "safetensors",
  samples: () => [readFileSync(fixture("checkpoints", "sample.safetensors"))],
  read: (input) => parseSafetensors(input),
  words: ["F32", "BF16", "BOOL", "F4", '"data_offsets":', '"__metadata__":{}', '"shape":[1.5]'],
  mutate: withOtherHeader,
};

/** Another header with its length put right, so that what is behind it is read too. */
function withOtherHeader(sample: Uint8Array, random: Random): Uint8Array {
  const bytes = Buffer.from(sample);
  const length = Number(bytes.readBigUInt64LE());
  const header = Buffer.from(mutateJson(bytes.toString("utf8", 8, 8 + length), random));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([prefix, header, bytes.subarray(8 + length)]);
}
