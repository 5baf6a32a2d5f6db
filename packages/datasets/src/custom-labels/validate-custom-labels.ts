import { type ClassList, classStatistics } from "@csl/labels";
import type { Problem, ProblemCounts } from "./problem-log.js";
import { type ReadCustomOptions, readCustomLabels } from "./read-custom-labels.js";

/** What a custom label file holds and what is wrong with it: plain data, ready for JSON. */
export interface Report {
  path: string;
  /** Whether the file can be trained from as it is: no problem of any kind. */
  clean: boolean;
  /** Set when nothing could be read at all. */
  failure?: string;
  samples: number;
  classes: number;
  positives: number;
  negatives: number;
  /** Samples by split; {} without splits. */
  splits: Record<string, number>;
  /** Class ids without any positive, and without any negative. */
  withoutPositives: string[];
  withoutNegatives: string[];
  /** Class ids that differ only in case and blanks. */
  lookalikes: string[][];
  problems: Problem[];
  problemCounts: ProblemCounts;
}

/** Reads a custom label file as `readCustomLabels` does and says what it holds and what is wrong with it. Never throws for what is in the file. */
export async function validateCustomLabels(path: string, options: ReadCustomOptions = {}): Promise<Report> {
  try {
    const { table, splits, problems, problemCounts } = await readCustomLabels(path, options);
    const { positives, negatives } = classStatistics(table);
    const idsWithout = (counts: ArrayLike<number>): string[] =>
      table.classes.ids.filter((_, c) => counts[c] === 0);
    return {
      path,
      clean: Object.keys(problemCounts).length === 0,
      samples: table.numSamples,
      classes: table.numClasses,
      positives: sum(positives),
      negatives: sum(negatives),
      splits: countBy(splits ?? []),
      withoutPositives: idsWithout(positives),
      withoutNegatives: idsWithout(negatives),
      lookalikes: lookalikes(table.classes),
      problems,
      problemCounts,
    };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const nothing = {
      samples: 0,
      classes: 0,
      positives: 0,
      negatives: 0,
      splits: {},
      problems: [],
      problemCounts: {},
    };
    const none = { withoutPositives: [], withoutNegatives: [], lookalikes: [] };
    const failure = (error as Error).message.replace(/^readCustomLabels: /, "");
    return { path, clean: false, failure, ...nothing, ...none };
  }
}

const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0);

function countBy(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function lookalikes(classes: ClassList): string[][] {
  const groups = new Map<string, string[]>();
  for (const id of classes.ids) {
    const plain = id.toLowerCase().replaceAll(/[\s_-]+/g, "");
    groups.set(plain, [...(groups.get(plain) ?? []), id]);
  }
  return [...groups.values()].filter((ids) => ids.length > 1);
}
