import type { ClassKeys } from "./class-keys.js";
import { orderedKey } from "./ordered-key.js";

const LARGEST = 3.4028234663852886e38;

const floats = new Float32Array(1);
const patterns = new Int32Array(floats.buffer);

/** The float32 of a ranking key (+0 for the key that both zeros share). */
export function scoreOfKey(key: number): number {
  patterns[0] = key < 0 ? -key | 0x80000000 : key;
  return floats[0]!;
}

/** The ranking key of a float32. */
export function keyOfScore(score: number): number {
  floats[0] = score;
  return orderedKey(patterns[0]!);
}

/**
 * The threshold that lets the score of `key` pass (strictly greater) and nothing annotated below it: the middle between
 * it and the next lower annotated score, as a float32; without a lower one, the float32 just below it.
 */
export function thresholdBelow(key: number, parts: readonly ClassKeys[]): number {
  const lower = nextLower(key, parts);
  const score = scoreOfKey(key);
  if (score === -Infinity) return -LARGEST; // no threshold lets it pass
  if (lower === undefined) return Math.max(scoreOfKey(key - 1), -LARGEST);
  // Halved first, because their sum may overflow; an infinite neighbour has no middle.
  const middle = Math.fround(scoreOfKey(lower) / 2 + score / 2) || 0; // between the two infinities: 0
  const finite = Math.min(Math.max(middle, -LARGEST), LARGEST);
  // Between two neighbouring float32 there is nothing, and rounding may have gone up.
  return finite < score ? finite : scoreOfKey(lower);
}

/** The largest annotated key below `key`. */
function nextLower(key: number, parts: readonly ClassKeys[]): number | undefined {
  let lower = -0x80000000; // no float has this key
  for (const { annotated, numAnnotated } of parts) {
    for (let i = 0; i < numAnnotated; i++) {
      const other = annotated[i]!;
      if (other < key && other > lower) lower = other;
    }
  }
  return lower === -0x80000000 ? undefined : lower;
}
