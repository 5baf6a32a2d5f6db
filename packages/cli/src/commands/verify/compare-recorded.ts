import { evaluate } from "@csl/metrics";
import type { RecordedScores } from "../../reproduction/reproduction-card.js";
import { percent } from "../../terminal/format.js";

/** What became of a run's scores. */
export type Verdict = "same" | "within noise" | "different";

/**
 * How far a logit may be from what another engine, or another machine, computes with the same weights: rounding of float32
 * through some hundred layers, and of activations stored with 8 bits of precision.
 */
const rounding = { float32: 2e-3, bf16: 0.2 } as const;

/** Scores of this moment. */
export interface ScoresNow {
  scores: Float32Array;
  labels: Int8Array;
  ids: readonly string[];
}

/**
 * Compares the average precision of every class with the recorded one. `same`: all are equal in every digit. `within
 * noise`: each is between the two that this class has when all positives lose, or win, twice the rounding of a score
 * against all negatives.
 */
export function compareRecorded(
  recorded: RecordedScores,
  { scores, labels, ids }: ScoresNow,
  { coarse }: { coarse: boolean },
): { verdict: Verdict; mapC: number; mapO: number; differences: string[] } {
  const numClasses = ids.length;
  const now = evaluate({ scores, labels, numClasses });
  const apOf = (own: Float32Array): (number | null)[] =>
    evaluate({ scores: own, labels, numClasses }).perClass.map(({ ap }) => ap);
  const differing = now.perClass.filter(({ ap, index }) => ap !== (recorded.ap[ids[index]!] ?? null));
  const found = { mapC: now.mapC, mapO: now.mapO };
  if (differing.length === 0) return { verdict: "same", ...found, differences: [] };
  const shift = coarse ? rounding.bf16 : rounding.float32;
  const moved = (sign: number): Float32Array =>
    scores.map((score, i) => score + sign * shift * (labels[i] === 1 ? 1 : -1));
  const [low, high] = [apOf(moved(-1)), apOf(moved(1))];
  const beyond = differing.filter(({ index }) => {
    const was = recorded.ap[ids[index]!] ?? null;
    return was === null || low[index] === null || was < low[index]! || was > high[index]!;
  });
  return {
    verdict: beyond.length === 0 ? "within noise" : "different",
    ...found,
    differences: beyond.length === 0 ? [] : describe(recorded, now.perClass, { beyond, ids }),
  };
}

/** Classes that are named one by one. */
const NAMED = 5;

function describe(
  recorded: RecordedScores,
  perClass: readonly { ap: number | null }[],
  { beyond, ids }: { beyond: readonly { index: number }[]; ids: readonly string[] },
): string[] {
  const shown = (ap: number | null | undefined): string =>
    ap === null || ap === undefined ? "none" : percent(ap);
  const size = ({ index }: { index: number }): number =>
    Math.abs((perClass[index]!.ap ?? 0) - (recorded.ap[ids[index]!] ?? 0));
  const largest = [...beyond].sort((a, b) => size(b) - size(a)).slice(0, NAMED);
  return [
    `scores: more than rounding explains, in ${beyond.length} of ${ids.length} classes: ` +
      largest
        .map(
          ({ index }) => `${ids[index]} ${shown(recorded.ap[ids[index]!])} → ${shown(perClass[index]!.ap)}`,
        )
        .join(", "),
  ];
}
