import { CslError } from "@csl/internal/errors/csl-error";
import type { ClassList } from "@csl/labels";
import { createTResNet, type TResNet } from "@csl/tresnet";
import type { Terminal } from "../terminal/terminal.js";
import type { LocatedModel } from "./locate-model.js";
import { readModelFile } from "./read-model-file.js";

/** A trained model as its file describes it. */
export interface OpenedModel {
  path: string;
  model: TResNet;
  /** Undefined when the file does not say which classes its outputs are: `classesByData` takes those of the data then. */
  classes: ClassList | undefined;
  outputNames: readonly string[] | undefined;
  /** Side of the square that the model was trained on; undefined when the file does not say it. */
  imageSize: number | undefined;
}

/**
 * Builds the model that a checkpoint holds: architecture, classes and image size come out of the file. For files of
 * PyTorch the architecture follows from keys and shapes; some of them name their classes, none of them the size.
 */
export async function openModel(located: LocatedModel, terminal: Terminal): Promise<OpenedModel> {
  const { path } = located;
  const {
    state,
    model: options,
    classes,
    outputNames,
    imageSize = located.imageSize,
    part,
  } = await readModelFile(path);
  if (classes && classes.size !== options.numClasses)
    throw new CslError(
      "invalid-file",
      `csl: ${path}: expected a class for each of ${options.numClasses} outputs, got ${classes.size}.`,
    );
  if (part !== "") terminal.info(`weights: ${path}, its ${part}`);
  const model = createTResNet(options);
  try {
    model.loadStateDict(state);
  } catch (cause) {
    model.dispose();
    throw new CslError("mismatch", `csl: ${path}: ${(cause as Error).message}`, { cause });
  }
  return { path, model, classes, outputNames, imageSize };
}
