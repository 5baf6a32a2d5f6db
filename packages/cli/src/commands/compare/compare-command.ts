import { CslError } from "@csl/internal/errors/csl-error";
import { compareScores, frequencyGroups } from "@csl/metrics";
import { writeJson, writeWhole } from "../../files/write-json.js";
import { type Context, defineCommand } from "../../flags/command.js";
import { readRun } from "../../runs/read-run.js";
import { joinScores } from "../../scores/join-scores.js";
import { type CompareOptions, compareFlags } from "./compare-flags.js";
import { comparisonPage } from "./comparison-page.js";
import { type ComparisonReport, comparisonReport } from "./comparison-report.js";
import { formatComparison } from "./format-comparison.js";
import { groupSettings, requireDistinctRuns, runsOfWord } from "./group-settings.js";
import { scoreRuns } from "./score-runs.js";

/** `csl compare RUN RUN …`: which of several models, or settings with several seeds each, is better, and how sure that is. */
export const compareCommand = defineCommand({
  name: "compare",
  summary:
    "which of several runs is better, and how sure that is: paired intervals of mAP, by group and by class",
  positional: {
    name: "runs",
    many: true,
    description: "folders of csl train or checkpoints; with commas between: runs of one setting",
  },
  flags: compareFlags,
  run: compareRuns,
});

async function compareRuns(
  options: CompareOptions,
  context: Context,
  words: readonly string[],
): Promise<void> {
  const report = await compare(options, context, words);
  context.terminal.print(formatComparison(report, options));
  if (options.json) await writeJson(options.json, report);
  if (options.html) await writeWhole(options.html, comparisonPage(report));
}

async function compare(
  options: CompareOptions,
  context: Context,
  words: readonly string[],
): Promise<ComparisonReport> {
  if (words.length < 2)
    throw new CslError(
      "invalid-argument",
      `csl compare: expected two runs or more, got ${words.length === 0 ? "none" : words[0]}. csl compare RUN_A RUN_B; runs of one setting with commas between: a-0,a-1 b-0,b-1.`,
    );
  const found: Awaited<ReturnType<typeof readRun>>[][] = [];
  for (const word of words) {
    const names = runsOfWord(word);
    found.push(await Promise.all(names.map((name) => readRun("csl compare", name))));
  }
  const order = groupSettings(found, options.by);
  const scored = await scoreRuns(
    order.flatMap(({ runs }) => runs),
    options,
    context,
  );
  let next = 0;
  const settings = order.map(({ name, runs }) => ({ name, runs: runs.map(() => scored[next++]!) }));
  requireDistinctRuns(settings, ({ kept }) => kept.weights);
  const joined = joinScores("csl compare", scored);
  const { classes, labels } = joined;
  const groups = joined.groups ?? groupsByPositives(labels, classes.ids.length);
  next = 0;
  const comparison = compareScores({
    settings: settings.map(({ runs }) => runs.map(() => joined.scores[next++]!)),
    ...{ labels, numClasses: classes.ids.length, ...(groups && { groups }) },
    ...{ draws: options.draws, level: options.level, seed: options.seed },
    minClassPositives: options.minPositives,
  });
  return comparisonReport({ comparison, settings, joined });
}

/** Fewer classes in a group would say little more than the classes themselves. */
const CLASSES_PER_GROUP = 3;

/** Where the data has no groups of its own: a fifth of the classes each, by their positives among these images. */
function groupsByPositives(labels: Int8Array, numClasses: number): string[] | undefined {
  if (numClasses < 5 * CLASSES_PER_GROUP) return undefined;
  const positives = new Uint32Array(numClasses);
  labels.forEach((label, i) => {
    if (label === 1) positives[i % numClasses]!++;
  });
  return frequencyGroups(positives);
}
