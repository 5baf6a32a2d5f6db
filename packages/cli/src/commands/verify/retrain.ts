import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import { compareScores } from "@csl/metrics";
import { runningEngine } from "../../engine/start-command-engine.js";
import type { Context } from "../../flags/command.js";
import { givenFlags } from "../../reproduction/given-flags.js";
import type { ReproductionCard } from "../../reproduction/reproduction-card.js";
import { weightChanges } from "../../reproduction/weights-record.js";
import type { RunConfig } from "../../runs/read-run.js";
import { scoreSplit } from "../../scores/score-split.js";
import { type EvaluationOptions, openEvaluation } from "../evaluate/open-evaluation.js";
import { trainCommand } from "../train/train-command.js";
import type { ScoresNow, Verdict } from "./compare-recorded.js";
import type { VerifyOptions } from "./verify-flags.js";

/** What a second training came to. */
export interface Retraining {
  verdict: Verdict;
  /** mAP(C) of the new model minus that of the run, with its interval over images; null for the same weights. */
  mapC: { value: number; low: number; high: number } | null;
  differences: string[];
}

/**
 * Trains the run again and compares both models: `same` for the same weights, `within noise` where the validation images
 * do not tell the two apart (their paired intervals of mAP(C) and mAP(O) contain 0).
 */
export async function retrain(
  config: RunConfig,
  card: ReproductionCard,
  now: ScoresNow,
  {
    options,
    evaluation,
    context,
  }: { options: VerifyOptions; evaluation: EvaluationOptions; context: Context },
): Promise<Retraining> {
  const folder = await mkdtemp(join(tmpdir(), "csl-verify-"));
  try {
    const { data, images, threads, workers } = options;
    const moved = {
      ...{ "path-dest": join(folder, "run"), workers },
      ...{ ...(data && { data }), ...(images && { images }), ...(threads && { threads }) },
      engine: runningEngine()!.name,
    };
    const quiet = { ...context.terminal, print: context.terminal.info };
    await trainCommand.execute(
      { ...givenFlags(config), ...moved },
      [],
      () => ({ ...context, terminal: quiet }),
      [],
    );
    const checkpoint = join(folder, "run", "best.safetensors");
    const { state } = await loadCheckpoint(checkpoint, { stateOnly: true });
    const changes = weightChanges(card.weights, state);
    if (changes.length === 0) return { verdict: "same", mapC: null, differences: [] };
    const located = { path: checkpoint, name: checkpoint };
    const opened = await openEvaluation({ ...evaluation, modelPath: checkpoint }, located, context, {
      speaker: "csl verify",
    });
    const read = {
      batchSize: config.batchSize ?? 64,
      workers,
      onUnreadable: "skip",
      imageTimeout: 120,
    } as const;
    const again = await scoreSplit(opened, read, context, "scores of the new model");
    const [difference] = compareScores({
      ...{ settings: [[now.scores], [again.scores]], labels: now.labels, numClasses: now.ids.length },
    }).comparisons;
    const { mapC, mapO } = difference!;
    const apart = [mapC, mapO].some(({ low, high }) => low > 0 || high < 0);
    return {
      verdict: apart ? "different" : "within noise",
      mapC: { value: mapC.value, low: mapC.low, high: mapC.high },
      differences: apart ? ["retraining: a model that these images tell apart from the run's"] : [],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
