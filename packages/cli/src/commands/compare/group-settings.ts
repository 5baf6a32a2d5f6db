import { CslError } from "@csl/internal/errors/csl-error";
import type { RunConfig } from "../../runs/read-run.js";

/** Runs that are one setting: several seeds of it, or one run. */
export interface Setting<Run> {
  name: string;
  runs: Run[];
}

interface Named {
  name: string;
  config: RunConfig | undefined;
}

/** Keys that a seed changes, or that say where a run is and how it was computed, and not what it is. */
const besideTheSetting = [
  ...["seed", "pathDest", "resume", "quiet", "config", "choices", "changes", "offline"],
  // Each seed of csl run has its own simulated labels, prior and temporary model.
  ...[
    "labels",
    "priorPath",
    "workers",
    "cache",
    "threads",
    "engine",
    "cudaGraphs",
    "imageTimeout",
    "checkpointEvery",
  ],
];

/** A word of the command line: one run, or several with commas between, which are one setting. */
export const runsOfWord = (word: string): string[] => word.split(",").filter((part) => part !== "");

/**
 * Which runs are one setting. Words with commas say it themselves. Else runs whose configurations differ in nothing but the
 * seed are one, if there is another setting beside it.
 */
export function groupSettings<Run extends Named>(
  words: readonly Run[][],
  by: "auto" | "models" | "settings",
): Setting<Run>[] {
  const single = words.every((runs) => runs.length === 1);
  const asGiven = words.map((runs) => ({ name: nameOf(runs), runs }));
  if (by === "models") {
    if (single) return asGiven;
    throw new CslError(
      "invalid-argument",
      "csl compare: expected single runs with --by models, got several with commas between. Put spaces between them.",
    );
  }
  if (!single) return asGiven;
  const groups = new Map<string, Run[]>();
  for (const [run] of words) {
    const key = run!.config ? settingOf(run!.config) : `${groups.size} of unknown settings`;
    groups.set(key, [...(groups.get(key) ?? []), run!]);
  }
  const found = [...groups.values()];
  if (found.length < 2 || (found.length === words.length && by === "auto")) {
    if (by === "auto") return asGiven;
    throw new CslError(
      "invalid-argument",
      `csl compare: expected two settings with --by settings, got runs that differ in their seed alone. Say what belongs together by commas: a-0,a-1 b-0,b-1.`,
    );
  }
  return found.map((runs) => ({ name: nameOf(runs), runs }));
}

const nameOf = (runs: readonly Named[]): string => runs.map(({ name }) => name).join(", ");

function settingOf(config: RunConfig): string {
  const { model, ...rest } = config as RunConfig & { model?: { seed?: number } };
  const kept = Object.entries(rest).filter(([key]) => !besideTheSetting.includes(key));
  return JSON.stringify([...kept.sort(([a], [b]) => (a < b ? -1 : 1)), { ...model, seed: undefined }]);
}

/** @throws CslError `mismatch` when one file of weights counts as two runs: that would be no second seed. */
export function requireDistinctRuns<Run extends Named>(
  settings: readonly Setting<Run>[],
  weightsOf: (run: Run) => string,
): void {
  const seen = new Map<string, Run>();
  for (const run of settings.flatMap(({ runs }) => runs)) {
    const other = seen.get(weightsOf(run));
    if (other)
      throw new CslError(
        "mismatch",
        `csl compare: expected different models, got the same weights twice: ${other.name} and ${run.name}.`,
      );
    seen.set(weightsOf(run), run);
  }
}
