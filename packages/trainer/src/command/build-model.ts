import type { ClassList } from "@csl/labels";
import { createTResNet, type TResNet } from "@csl/tresnet";
import { loadCheckpoint } from "../checkpoint.js";
import { modelVariant } from "./model-names.js";
import type { Terminal } from "./terminal.js";

interface ModelOptions {
  modelName: string;
  modelPath?: string;
  numClasses?: number;
  head: "linear" | "bottleneck";
  seed: number;
}

/**
 * A new model for these classes, with the weights of `--model-path` where given. The head's weights are taken only when
 * the checkpoint was trained for the same classes; otherwise the head starts fresh, and the terminal says so.
 */
export async function buildModel(
  { modelName, modelPath, numClasses, head, seed }: ModelOptions,
  classes: ClassList,
  terminal: Terminal,
): Promise<TResNet> {
  if (numClasses !== undefined && numClasses !== classes.size) {
    throw new Error(
      `csl: --num-classes is ${numClasses}, but the data has ${classes.size} classes. Leave the flag out.`,
    );
  }
  const model = createTResNet({ variant: modelVariant(modelName), numClasses: classes.size, head, seed });
  if (!modelPath) return model;
  const { state, classes: trained } = await loadCheckpoint(modelPath);
  const same =
    trained && trained.ids.length === classes.size && trained.ids.every((id, i) => id === classes.ids[i]);
  const body = same ? state : new Map([...state].filter(([key]) => !key.startsWith("head.")));
  const report = model.loadStateDict(body, { strict: same === true });
  const missing = report.missing.filter((key) => !key.startsWith("head."));
  if (missing.length > 0) {
    model.dispose();
    throw new Error(
      `csl: ${modelPath} lacks ${missing.length} tensors of ${modelName}, first ${missing.slice(0, 3).join(", ")}. Is --model-name right?`,
    );
  }
  terminal.info(`weights: ${modelPath}${same ? "" : "; new head, since its classes differ"}`);
  return model;
}
