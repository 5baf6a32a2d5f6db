import { CslError } from "@csl/internal/errors/csl-error";
import type { ClassList } from "@csl/labels";
import { createTResNet, type TResNet, type TResNetShape, type TResNetVariant } from "@csl/tresnet";
import type { ModelOptions } from "../commands/train/train-flags.js";
import type { Terminal } from "../terminal/terminal.js";
import type { LocatedModel } from "./locate-model.js";
import { type ModelBody, modelBody } from "./model-body.js";
import { type ModelFile, readModelFile } from "./read-model-file.js";

/**
 * The reference's model names, and one that is small enough to learn from scratch in a minute on two cores: one basic
 * block a stage at a quarter of TResNet-M's width.
 */
const variants: Record<ModelOptions["modelName"], TResNetVariant | TResNetShape> = {
  tresnet_m: "m",
  tresnet_l: "l",
  tresnet_xl: "xl",
  tresnet_l_v2: "l-v2",
  tresnet_tiny: { layers: [1, 1, 1, 1], width: 0.25, blocks: ["basic", "basic", "basic", "basic"] },
};

/**
 * A new model for these classes, with the weights of `--model-path` where given: safetensors, or a PyTorch file; and
 * what is known of these weights. The
 * head's weights are taken only when the file is known to be of the same classes and head; otherwise the head starts
 * fresh, and the terminal says so.
 *
 * @throws CslError `mismatch` when the file is of another variant.
 */
export async function buildModel(
  { modelName, numClasses, head, seed }: ModelOptions & { seed: number },
  located: LocatedModel | undefined,
  classes: ClassList,
  terminal: Terminal,
): Promise<{ model: TResNet; body?: ModelBody }> {
  if (numClasses !== undefined && numClasses !== classes.size) {
    throw new CslError(
      "mismatch",
      `csl train: expected --num-classes to be ${classes.size}, as the data has, got ${numClasses}. Leave the flag out.`,
    );
  }
  const model = createTResNet({ variant: variants[modelName], numClasses: classes.size, head, seed });
  if (!located) return { model };
  try {
    const file = await readModelFile(located.path);
    terminal.info(
      `weights: ${located.name}${loadWeights(model, file, { modelName, name: located.name, classes })}`,
    );
    return { model, body: await modelBody(located, file) };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** @returns what was not taken as it is, in words for the terminal. */
function loadWeights(
  model: TResNet,
  file: ModelFile,
  { modelName, name, classes }: { modelName: string; name: string; classes: ClassList },
): string {
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
    const published = Object.entries(variants).find(([, own]) => own === variant)?.[0];
    throw new CslError(
      "mismatch",
      `csl train: ${name} lacks ${lacking.length} tensors of ${modelName}, first ${lacking.slice(0, 3).join(", ")}. ` +
        `Is --model-name right?${published ? ` The file's is ${published}.` : ""}`,
    );
  }
  const part = file.part === "" ? "" : `, its ${file.part}`;
  if (whole) return part;
  const why = same ? `its own is ${file.model.head}` : ids ? "its classes differ" : "it names no classes";
  return `${part}; new head, since ${why}`;
}
