import type { Comparison, Looked, ScoreComparison } from "@csl/metrics";
import { formats } from "../../outputs/output-kinds.js";
import type { JoinedScores } from "../../scores/join-scores.js";
import type { Setting } from "./group-settings.js";
import type { ScoredRun } from "./score-runs.js";

/** A class of a comparison as reports name it. */
export type NamedClass = Comparison["perClass"][number] & { id: string; name: string; group?: string };

/** All that `csl compare` says, as its JSON has it. */
export interface ComparisonReport extends Omit<ScoreComparison, "settings" | "comparisons"> {
  format: string;
  correction: string;
  notes: string[];
  settings: (ScoreComparison["settings"][number] & {
    /** A, B, C … */
    letter: string;
    name: string;
    runs: { name: string; seed: number | null; engine: string; imageSize: number; weights: string }[];
  })[];
  comparisons: (Omit<Comparison, "perClass"> & {
    letter: string;
    verdict: Verdict;
    perClass: NamedClass[];
  })[];
}

type Verdict = "better" | "worse" | "no difference shown";

/** By the interval of mAP(C), corrected where there are several comparisons. */
function verdictOf({ corrected: { low, high } }: Looked): Verdict {
  return low > 0 ? "better" : high < 0 ? "worse" : "no difference shown";
}

export function comparisonReport({
  comparison,
  settings,
  joined,
}: {
  comparison: ScoreComparison;
  settings: readonly Setting<ScoredRun>[];
  joined: JoinedScores;
}): ComparisonReport {
  const { classes, groups } = joined;
  const letter = (i: number): string => (i < 26 ? String.fromCharCode(65 + i) : `setting ${i + 1}`);
  const { settings: scores, comparisons, ...rest } = comparison;
  return {
    format: formats.comparison,
    ...rest,
    correction: "max-T over the draws: all intervals of a family hold at once",
    notes: [...joined.notes, ...seedNotes(settings, letter)],
    settings: scores.map((score, i) => ({
      ...{ letter: letter(i), name: settings[i]!.name, ...score },
      runs: settings[i]!.runs.map(({ name, config, kept: { engine, imageSize, weights } }) => ({
        ...{ name, seed: config?.seed ?? null, engine, imageSize, weights },
      })),
    })),
    comparisons: comparisons.map(({ perClass, ...own }) => ({
      ...{ letter: letter(own.setting), verdict: verdictOf(own.mapC), ...own },
      groups: [...own.groups].sort(
        (a, b) => placeOf(a.group) - placeOf(b.group) || (a.group < b.group ? -1 : 1),
      ),
      perClass: perClass.map((of) => ({
        ...{ id: classes.ids[of.index]!, name: classes.names[of.index]!, ...of },
        ...(groups && { group: groups[of.index]! }),
      })),
    })),
  };
}

/** LVIS's groups from rare to frequent; others, such as G1 to G5, by their names. */
const placeOf = (group: string): number => ["r", "c", "f"].indexOf(group);

/** What the number of seeds allows to say. */
function seedNotes(settings: readonly Setting<ScoredRun>[], letter: (i: number) => string): string[] {
  const counts = settings.map(({ runs }) => runs.length);
  const single = counts.flatMap((count, i) => (count === 1 ? [letter(i)] : []));
  if (single.length === counts.length)
    return [
      "One run each: this compares these trained models. Another seed of the same setting may change the order; to compare settings, train each with three seeds or more.",
    ];
  return [
    ...(single.length > 0
      ? [
          `${single.join(" and ")}: one seed is too few to speak of a setting. What is said of ${single.join(" and ")} holds for the trained model alone.`,
        ]
      : []),
    ...(counts.some((count) => count === 2)
      ? ["Two seeds tell little about the spread between seeds: the intervals are wide for that reason."]
      : []),
  ];
}
