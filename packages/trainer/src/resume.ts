import { join } from "node:path";
import { loadCheckpoint, type SettingsChange, saveCheckpoint } from "@csl/checkpoints";
import { CslError } from "@csl/internal/errors/csl-error";
import { ClassPriorEstimator } from "@csl/partial-loss";
import { averageStatistics } from "./distributed/average-statistics.js";
import { sumPrior } from "./distributed/sum-prior.js";
import { loadModelState } from "./load-model-state.js";
import { swapEmaWeights, withEmaWeights } from "./optimizer/ema.js";
import type { Run } from "./run.js";
import type { CheckpointEvent } from "./train-event.js";

/** Writes last.safetensors: everything that `restoreRun` needs. Nothing happens without a checkpoint folder. */
export async function* saveLast(run: Run): AsyncGenerator<CheckpointEvent, void, undefined> {
  const { task } = run;
  if (task.checkpointFolder === undefined) return;
  if (task.collectives) {
    await averageStatistics(run, task.collectives);
    await sumPrior(run, task.collectives);
    if (task.collectives.rank > 0) return;
  }
  const { adam, ema, prior, changing, progress, settings, changes } = run;
  const path = join(task.checkpointFolder, "last.safetensors");
  await saveCheckpoint(path, {
    state: await task.model.stateDict(),
    ...(ema && { ema: await withEmaWeights(task.model, ema, () => task.model.stateDict()) }),
    classes: task.classes,
    config: task.config,
    training: {
      progress: {
        ...progress,
        batch: progress.batch * (task.collectives?.size ?? 1),
        ...(prior && { prior: { sums: [...prior.sums], count: prior.count } }),
      },
      adam: await adam.state(),
      emaUpdates: ema?.updates ?? 0,
      ...(changing?.state && { loss: changing.state() }),
      settings,
      ...(changes.length > 0 && { changes }),
    },
  });
  yield { type: "checkpoint", path, kind: "last" };
}

/** Writes best.safetensors: the weights that won, under the model's own keys, with classes and config. */
export async function* saveBest(
  run: Run,
  weights: "raw" | "ema",
): AsyncGenerator<CheckpointEvent, void, undefined> {
  const { task, ema } = run;
  if (task.checkpointFolder === undefined || (task.collectives?.rank ?? 0) > 0) return;
  const path = join(task.checkpointFolder, "best.safetensors");
  const { model, classes, config } = task;
  const read = () => model.stateDict();
  const state = weights === "ema" && ema ? await withEmaWeights(model, ema, read) : await read();
  const { best } = run.progress;
  await saveCheckpoint(path, { state, weights, classes, config, ...(best && { best }) });
  yield { type: "checkpoint", path, kind: "best" };
}

/**
 * Brings model, optimizer, averages and progress to where `path` left them.
 *
 * @throws when the file is no `last` checkpoint, or belongs to other classes, another model or other settings.
 */
export async function restoreRun(run: Run, path: string): Promise<void> {
  const { task, adam, ema } = run;
  const { state, ema: averages, training } = await loadCheckpoint(path, { classes: task.classes });
  if (!training)
    throw new CslError(
      "mismatch",
      `train: expected a checkpoint of a running training (last.safetensors), got ${path}. Start a new run from its weights instead.`,
    );
  const changed = changedSettings(path, training.settings, run.settings, {
    allow: task.allowChanges === true,
  });
  if (ema) {
    // By way of the model, which alone knows how the state dict's layout maps to its variables. A run that had no
    // averages starts them at its weights.
    await loadModelState(task.model, averages ?? state);
    swapEmaWeights(task.model, ema);
    ema.updates = averages ? training.emaUpdates : 0;
  }
  await loadModelState(task.model, state);
  adam.load(training.adam);
  if (training.loss) run.changing?.load?.(training.loss); // a run that had none starts with a fresh one
  const { prior, ...progress } = training.progress;
  run.progress = { ...progress, batch: Math.floor(progress.batch / (task.collectives?.size ?? 1)) };
  const now = changed && { step: adam.step, settings: changed };
  run.changes = [...(training.changes ?? []), ...(now ? [now] : [])];
  if (run.prior && prior) run.prior = ClassPriorEstimator.fromSums(task.classes.ids, prior.sums, prior.count);
}

/** Where in an epoch a run stands is counted in batches of these: they cannot change. */
const fixed = ["epochs", "batchesPerEpoch", "accumulate"];

/** The settings that differ, undefined if none does. @throws CslError `mismatch` where they may not. */
function changedSettings(
  path: string,
  saved: Record<string, unknown>,
  wanted: Record<string, unknown>,
  { allow }: { allow: boolean },
): SettingsChange["settings"] | undefined {
  const text = (value: unknown): string => JSON.stringify(value) ?? "none";
  const names = Object.keys({ ...saved, ...wanted }).filter(
    (name) => text(saved[name]) !== text(wanted[name]),
  );
  const refused = allow ? names.filter((name) => fixed.includes(name)) : names;
  if (refused.length > 0) {
    const list = refused
      .map((name) => `${name} ${text(wanted[name])} instead of ${text(saved[name])}`)
      .join(", ");
    const allowed = refused.some((name) => fixed.includes(name))
      ? ""
      : "pass allowChanges: true to go on with the new ones, ";
    throw new CslError(
      "mismatch",
      `train: expected the settings that ${path} was trained with, got ${list}. ` +
        `Resume with the same, ${allowed}or start a new run from its weights.`,
    );
  }
  if (names.length === 0) return undefined;
  return Object.fromEntries(
    names.map((name) => [name, { from: saved[name] ?? null, to: wanted[name] ?? null }]),
  );
}
