import { CslError } from "@csl/internal/errors/csl-error";
import { readTensors } from "./safetensors.js";
import type { TrainingState } from "./training-state.js";

/**
 * The settings that a `last` checkpoint was trained with, without reading a tensor: a resume that will be refused can be
 * refused at once.
 *
 * @throws CslError `mismatch` when the file holds no training; `not-found`, `cannot-read`, `invalid-file`.
 */
export async function readTrainingSettings(path: string): Promise<TrainingState["settings"]> {
  const { metadata } = await readTensors("readTrainingSettings", path, { wanted: () => false });
  const training = metadata.training === undefined ? undefined : parse(path, metadata.training);
  if (training?.settings) return training.settings;
  throw new CslError(
    "mismatch",
    `readTrainingSettings: expected a checkpoint of a running training (last.safetensors), got ${path}. ` +
      "Start a new run from its weights instead.",
  );
}

function parse(path: string, text: string): Partial<TrainingState> {
  try {
    return JSON.parse(text) as Partial<TrainingState>;
  } catch (cause) {
    throw new CslError(
      "invalid-file",
      `readTrainingSettings: expected JSON under "training" in the metadata of ${path}, got ${text.slice(0, 40)}.`,
      { cause },
    );
  }
}
