import { createHash } from "node:crypto";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { mutate, pick } from "./mutate.js";
import type { FuzzTarget } from "./target.js";

/** Input number `index` of a target: first the whole samples, then mutated ones. The same seed makes the same input. */
export function makeInput(
  target: Pick<FuzzTarget, "name" | "words" | "mutate">,
  samples: readonly Uint8Array[],
  { seed, index }: { seed: number; index: number },
): Uint8Array {
  if (index < samples.length) return samples[index]!;
  const digest = createHash("sha256").update(`${target.name}/${seed}/${index}`).digest();
  const random = mulberry32(digest.readUInt32LE(0));
  const sample = pick(random, samples);
  const choice = random();
  const known = target.mutate && choice < 0.5 ? target.mutate(sample, random) : sample;
  if (target.mutate && choice < 0.4) return known;
  return mutate(known, random, { words: target.words, other: pick(random, samples) });
}
