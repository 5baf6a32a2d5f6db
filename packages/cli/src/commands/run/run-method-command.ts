import { existsSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { lockFile } from "@csl/internal/files/file-lock";
import { readText } from "@csl/internal/files/read-text";
import { removeTemporaryFiles } from "@csl/internal/files/temporary-files";
import { parseJson } from "@csl/internal/json/parse-json";
import type { Diagnosis } from "@csl/labels";
import { type Command, type Context, defineCommand, stopped } from "../../flags/command.js";
import { commandLine } from "../../flags/command-line.js";
import type { GivenFlags } from "../../flags/config-file.js";
import {
  type AnyFlag,
  type FlagGroup,
  file,
  flagName,
  folder,
  type OptionsOf,
  toggle,
} from "../../flags/flag.js";
import { checkpointFile } from "../../flags/shared-flags.js";
import { claimOutputs } from "../../outputs/claim-outputs.js";
import { gatherJson, onEveryRank, onRankZero } from "../../ranks/ranks.js";
import { writeMethodReport } from "../../report/method-report.js";
import { formatDuration } from "../../terminal/format.js";
import { diagnoseCommand } from "../diagnose-command.js";
import { estimatePriorCommand } from "../estimate-prior-command.js";
import { evaluateCommand, evaluateFlags } from "../evaluate/evaluate-command.js";
import { simulateCommand } from "../simulate-command.js";
import { trainCommand } from "../train/train-command.js";
import { trainFlags } from "../train/train-flags.js";
import { diagnosis, planSteps, randomWeights, type Step } from "./plan-steps.js";
import { parseRecipe, presets, type Recipe, recipeText, type Section } from "./read-recipe.js";
import { compareStep, describeStep, type RunRecord, readRunRecord, writeRunRecord } from "./run-record.js";
import { waitForFiles } from "./wait-for-files.js";
import { reportFiles, writeReport } from "./write-report.js";

const commandOf: Record<Section, Command> = {
  simulate: simulateCommand,
  diagnose: diagnoseCommand,
  temporary: trainCommand,
  "estimate-prior": estimatePriorCommand,
  csl: trainCommand,
  negative: trainCommand,
  evaluate: evaluateCommand,
};

/** What all processes do together; the rest is rank 0's. */
const shared: readonly Section[] = ["temporary", "estimate-prior", "csl", "negative", "evaluate"];

const lockPath = (out: string): string => join(out, "run.lock");

/** What the run decides itself. */
const setByTheRun = ["path-dest", "resume", "overwrite", "allow-changes", "prior-path", "stop-epoch"];

/** Rows of a command as a person may give them for all steps; without defaults, which are the recipe's. */
function givenRows(group: FlagGroup): FlagGroup {
  const rows = Object.entries(group).filter(([name]) => !setByTheRun.includes(name));
  return Object.fromEntries(
    rows.map(([name, row]): [string, AnyFlag] => [name, { ...row, default: undefined }]),
  );
}

const { split, protocols, criterion } = {
  ...evaluateFlags["Data set"],
  ...evaluateFlags.Scores,
  ...evaluateFlags.Thresholds,
};

const ownFlags = {
  "path-dest": folder(
    "where the run is kept: models, prior, scores, report.md, and report.json for programs; all processes of several must see it",
    {
      default: "./outputs",
      writes: "folder",
    },
  ),
  compare: toggle("train in Negative mode as well, on the same budget"),
  "print-config": toggle("print the recipe, to keep and change it, and do nothing else"),
  overwrite: toggle("do every step again"),
};

const modelPath = file(`${trainFlags.Model["model-path"].description}; ${randomWeights}: random weights`, {
  reads: {
    ...checkpointFile,
    elsewhere: (text) => text === randomWeights || checkpointFile.elsewhere!(text),
  },
});

const runFlags = {
  Run: ownFlags,
  "Data set": givenRows({ ...trainFlags["Data set"] }),
  Labels: givenRows(trainFlags.Labels),
  "Images and batches": givenRows(trainFlags["Images and batches"]),
  "Model (both trainings)": givenRows({ ...trainFlags.Model, "model-path": modelPath }),
  "Loss (of the last model: the temporary model's is fixed)": givenRows(trainFlags.Loss),
  ...lossGroups(),
  "Schedule and optimizer (both trainings)": givenRows(trainFlags["Schedule and optimizer"]),
  Validation: givenRows({ ...trainFlags["Run folder and validation"], split, protocols, criterion }),
  "Several processes": givenRows(trainFlags["Several processes"]),
  Engine: givenRows(trainFlags.Engine),
};

/** The flags of each loss, as `csl train` groups them. */
function lossGroups(): Record<string, FlagGroup> {
  const groups = Object.entries(trainFlags).filter(([heading]) => /^Loss(es)? /.test(heading));
  return Object.fromEntries(groups.map(([heading, group]) => [heading, givenRows(group)]));
}

/** `csl run RECIPE`: the whole method, of which finished steps are skipped and unfinished ones continued. */
export const runMethodCommand = defineCommand({
  name: "run",
  summary: "the whole method in one restartable command: temporary model, prior, CSL, scores, thresholds",
  positional: {
    name: "recipe",
    many: false,
    description: `${Object.keys(presets).join(", ")}, or a .json file of your own`,
    choices: Object.keys(presets),
    takesFiles: true,
  },
  flags: runFlags,
  shared: true,
  run: runMethod,
});

type RunOptions = OptionsOf<{ Run: typeof ownFlags }> & { quiet: boolean };

/** A step that all processes do together, as rank 0 hands it on. */
interface SharedStep {
  section: Section;
  flags: GivenFlags;
  /** Files of the run that it reads. */
  reads: readonly string[];
  /** "step 2 of 6" */
  place: string;
}

/**
 * Rank 0 has the record, the lock and the decisions, and does alone what is not shared. The others hear from it what to do next.
 * All see the folder of the run.
 */
async function runMethod(options: RunOptions, context: Context, words: readonly string[]): Promise<void> {
  const { ranks, signal } = context;
  const steps = (ranks?.rank ?? 0) === 0 ? stepsOfRun(options, context, words) : undefined;
  let stop = false;
  try {
    for (;;) {
      const { value: step } = await onRankZero(
        ranks,
        async (): Promise<{ value?: SharedStep | undefined }> => ({
          value: (await steps!.next(stop)).value ?? undefined,
        }),
      );
      if (!step) return;
      if (ranks) await onEveryRank(ranks, () => waitForFiles(step.reads, { rank: ranks.rank, signal }));
      try {
        await commandOf[step.section].execute(
          step.flags,
          [],
          () => ({ ...context, continuedBy: "csl run" }),
          [],
        );
      } catch (error) {
        if (signal.aborted) throw stopped(`stopped in ${step.place}; the same command continues`);
        throw error;
      }
      // A stopped training ends as usual, also where another process was told to stop.
      stop = ranks ? ((await gatherJson(ranks, signal.aborted)) ?? []).includes(true) : signal.aborted;
    }
  } finally {
    await steps?.return();
  }
}

/**
 * The run as rank 0 has it: does what is not shared, and yields what is. Told after each step whether a process was stopped.
 */
async function* stepsOfRun(
  options: RunOptions,
  { terminal, signal, ranks }: Context,
  [recipeName]: readonly string[],
): AsyncGenerator<SharedStep, void, boolean> {
  const text = await recipeText(recipeName!);
  if (options.printConfig) return terminal.print(text);
  const recipe = parseRecipe(text, recipeName!);
  const { pathDest: out, compare, printConfig, overwrite, quiet, ...rest } = options;
  const given = Object.fromEntries(Object.entries(rest).map(([name, value]) => [flagName(name), value]));
  delete given.config;
  const dropped = droppedWeights(recipe, given);
  if (dropped) {
    given["model-path"] = randomWeights;
    terminal.info(dropped);
  }
  let steps = planSteps({ recipe, given, out, compare });
  if (steps.some(({ flags }) => flags.data === undefined))
    throw new CslError(
      "invalid-argument",
      `csl run: expected the labels and images to train on, got none. Name them: csl run ${recipeName} --data FOLDER.`,
    );
  const lock = await lockFile(lockPath(out), { speaker: "csl run" });
  const started = Date.now();
  try {
    const before = await readRunRecord(out);
    await claimOutputs("csl run", reportFiles(out), { inputs: [], overwrite });
    await removeTemporaryFiles(out, { alone: true });
    const record: RunRecord = { format: "csl-run", recipe: recipeName!, steps: { ...before?.steps } };
    for (let index = 0; index < steps.length; index++) {
      const step = steps[index]!;
      if (signal.aborted) throw stopped(`stopped before step ${index + 1}; the same command continues`);
      const description = await describeStep(step, out);
      const earlier = record.steps[step.name];
      const { todo, changes } = compareStep(step, earlier, description);
      const elapsed = formatDuration((Date.now() - started) / 1000);
      const heading = `${index + 1}/${steps.length} ${step.why}`;
      if (todo === "skip" && !overwrite) {
        terminal.info(`\n${heading} Finished before${timeOf(earlier?.seconds)}: skipped.`);
        await replan(step);
        continue;
      }
      terminal.info(`\n${heading}  [${elapsed}]`);
      if (changes.length > 0) terminal.info(`done again, because ${changes.join("; ")}`);
      const flags = withStart(step, {
        todo: overwrite ? "start" : todo,
        again: earlier !== undefined,
        quiet,
      });
      terminal.info(`$ csl ${commandLine(commandOf[step.section].name, flags)}`);
      record.steps[step.name] = { state: "started", ...description };
      await writeRunRecord(out, record);
      const stepStarted = Date.now();
      const place = `step ${index + 1} of ${steps.length}`;
      let stop = false;
      if (shared.includes(step.section)) {
        const lockOfRun = ranks ? [lockPath(out)] : [];
        const within = (path: string): boolean => resolve(path).startsWith(`${resolve(out)}${sep}`);
        const reads = [...lockOfRun, ...step.inputs.filter((path) => within(path) && existsSync(path))];
        stop = yield { section: step.section, flags, reads, place };
      } else
        await commandOf[step.section]
          .execute(flags, [], () => ({ terminal, signal, continuedBy: "csl run" }), [])
          .catch((error: unknown) => {
            if (!signal.aborted) throw error; // this is told below
          });
      if (stop || signal.aborted) throw stopped(`stopped in ${place}; the same command continues`);
      const seconds = (Date.now() - stepStarted) / 1000;
      record.steps[step.name] = { state: "finished", ...description, seconds };
      await writeRunRecord(out, record);
      await writeMethodReport(out);
      await replan(step);
    }
    terminal.print(await writeReport(out, { recipe: recipeName!, steps, record }));
  } finally {
    await lock.release();
  }

  /** With `--partial-loss-mode auto` the steps after the diagnosis follow from it; those before stay. */
  async function replan(step: Step): Promise<void> {
    if (step.name !== diagnosis) return;
    const { recommendation } = parseJson(await readText(step.outputs[0]!)) as Pick<
      Diagnosis,
      "recommendation"
    >;
    steps = planSteps({ recipe, given, out, compare, recommended: recommendation.mode });
  }
}

/** Why the recipe's weights are not for the network that a person chose; undefined: they are, or others are given. */
function droppedWeights({ shared }: Recipe, given: GivenFlags): string | undefined {
  const { "model-name": network, "model-path": weights } = shared;
  if (weights === undefined || given["model-path"] !== undefined) return undefined;
  if (given["model-name"] === undefined || given["model-name"] === network) return undefined;
  return `Starting from random weights: the recipe's ${weights} are of ${network}. --model-path takes others; csl weights lists some.`;
}

/** Continues a training, with as many processes as there are now, or replaces what an earlier try of the same step left. */
function withStart(
  { flags }: Step,
  { todo, again, quiet }: { todo: "skip" | "resume" | "start"; again: boolean; quiet: boolean },
): GivenFlags {
  return {
    ...flags,
    ...(todo === "resume" ? { resume: "auto" } : again && { overwrite: true }),
    ...(quiet && { quiet }),
  };
}

const timeOf = (seconds: number | undefined): string =>
  seconds === undefined ? "" : ` in ${formatDuration(seconds)}`;
