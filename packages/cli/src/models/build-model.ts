import type { ClassList } from "@csl/labels";
import { createTResNet, type TResNet } from "@csl/tresnet";
import type { Terminal } from "../terminal/terminal.js";
import { modelVariant, nameOfVariant } from "./model-names.js";
import { readModelFile } from "./read-model-file.js";

interface ModelOptions {
  modelName: string;
  modelPath?: string;
  numClasses?: number;
  head: "linear" | "bottleneck";
  seed: number;
}

/**
 * A new model for these classes, with the weights of `--model-path` where given: safetensors, or a file of PyTorch's. The
 * head's weights are taken only when the file is known to be of the same classes and head; otherwise the head starts
 * fresh, and the terminal says so.
 *
 * @throws when the file is of another variant.
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
  try {
    terminal.info(`weights: ${modelPath}${await loadWeights(model, { modelName, modelPath }, classes)}`);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** @returns what was not taken as it is, for the person. */
async function loadWeights(
  model: TResNet,
  { modelName, modelPath }: { modelName: string; modelPath: string },
  classes: ClassList,
): Promise<string> {
  const file = await readModelFile(modelPath);
  const ids = file.classes?.ids;
  const same = ids?.length === classes.size && ids.every((id, i) => id === classes.ids[i]);
  const whole = same && file.model.head === model.head;
  const taken = whole ? file.state : new Map([...file.state].filter(([key]) => !key.startsWith("head.")));
  const report = model.loadStateDict(taken, { strict: whole });
  const lacking = [...report.missing, ...report.mismatched.map(({ key }) => key)].filter(
    (key) => !key.startsWith("head."),
  );
  if (lacking.length > 0) {
    const { variant } = file.model;
    throw new Error(
      `csl: ${modelPath} lacks ${lacking.length} tensors of ${modelName}, first ${lacking.slice(0, 3).join(", ")}. ` +
        `Is --model-name right?${typeof variant === "string" ? ` The file's is ${nameOfVariant(variant)}.` : ""}`,
    );
  }
  const part = file.part === "" ? "" : `, its ${file.part}`;
  if (whole) return part;
  const why = same ? `its own is ${file.model.head}` : ids ? "its classes differ" : "it names no classes";
  return `${part}; new head, since ${why}`;
}
