import { CslError } from "@csl/internal/errors/csl-error";
import type { TrainTask } from "../task.js";

type Needed = Pick<TrainTask, "model" | "collectives" | "captureStep">;

/** @throws CslError `unsupported` naming what `syncBn` misses */
export function checkSyncBn({ model, collectives, captureStep }: Needed): void {
  const refuse = (expected: string, got: string): CslError =>
    new CslError("unsupported", `train: expected ${expected} for syncBn, got ${got}. Leave syncBn out.`);
  if (!collectives) throw refuse("collectives", "none: one process has one batch");
  if (!collectives.allReduceNow)
    throw refuse("collectives with allReduceNow, which joinProcessGroup's group has", "some without it");
  if (!model.syncNorms) throw refuse("a model with syncNorms, as TResNet has it", "one without it");
  if (captureStep) throw refuse("no captureStep", "one: a recorded step cannot wait for the other ranks");
}

/** The norms' batch is that of all ranks from now on. */
export function syncNorms({ model, collectives }: Needed): void {
  model.syncNorms?.((numbers) => collectives!.allReduceNow!(numbers));
}
