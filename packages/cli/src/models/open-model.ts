import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import type { ClassList } from "@csl/labels";
import { createTResNet, type TResNet, type TResNetArchitecture } from "@csl/tresnet";
import type { Terminal } from "../terminal/terminal.js";
import type { ClassEmbeddings } from "./class-embeddings.js";
import { giveEmbeddings, lacksEmbeddings } from "./give-embeddings.js";
import type { LocatedModel } from "./locate-model.js";
import { type ModelFile, readModelFile } from "./read-model-file.js";
import { formatWeightsReport, isNotable, weightsReport } from "./weights-report.js";

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
 *
 * @param embeddings the classes to score instead of the file's, for a model that takes embeddings of classes
 */
export async function openModel(
  located: LocatedModel,
  terminal: Terminal,
  embeddings?: ClassEmbeddings,
): Promise<OpenedModel> {
  const { path } = located;
  const file = await readWholeModel(located, embeddings);
  const { state, model: options, classes, outputNames, imageSize } = file;
  const model = createTResNet(options);
  try {
    const report = weightsReport(file, model.loadStateDict(state), located.name);
    if (isNotable(report)) terminal.info(formatWeightsReport(report));
  } catch (cause) {
    model.dispose();
    const code = isCslError(cause) ? cause.code : "mismatch";
    throw new CslError(code, `csl: ${path}: ${(cause as Error).message}`, { cause });
  }
  return { path, model, classes, outputNames, imageSize };
}

/** A model file with a head that is known here. */
export type WholeModel = ModelFile & { model: TResNetArchitecture };

/**
 * What a checkpoint holds, without building its model.
 *
 * @param embeddings the classes to score instead of the file's, for a model that takes embeddings of classes
 * @throws CslError `mismatch` for a file without a head of ours
 */
export async function readWholeModel(
  located: LocatedModel,
  embeddings?: ClassEmbeddings,
): Promise<WholeModel> {
  const { path } = located;
  const read = await readModelFile(path);
  const file = embeddings ? giveEmbeddings(read, embeddings) : read;
  const { model, otherHead, classes, imageSize = located.imageSize } = file;
  if (!model && lacksEmbeddings(file))
    throw new CslError(
      "mismatch",
      `csl: ${path}: expected --class-embeddings, since this model's classes are given by embeddings and the file has none of them, got none.`,
    );
  if (!model)
    throw new CslError(
      "mismatch",
      `csl: ${path}: expected a head that is known here, got ${otherHead}. ` +
        "csl train --model-path takes its body and trains a new head.",
    );
  if (classes && classes.size !== model.numClasses)
    throw new CslError(
      "invalid-file",
      `csl: ${path}: expected a class for each of ${model.numClasses} outputs, got ${classes.size}.`,
    );
  return { ...file, model, imageSize };
}

/** Where neither a flag nor the model's file says it: the reference's. */
const DEFAULT_SIDE = 448;

/** Side of the square that images are resized to: as the flag says, else as the model was trained. A difference is told. */
export function sideOf(
  asked: number | undefined,
  { imageSize }: Pick<OpenedModel, "imageSize">,
  terminal: Terminal,
): number {
  if (asked !== undefined && imageSize !== undefined && asked !== imageSize)
    terminal.info(
      `images of ${asked} x ${asked}, as asked for; the model was trained on ${imageSize} x ${imageSize}`,
    );
  return asked ?? imageSize ?? DEFAULT_SIDE;
}
