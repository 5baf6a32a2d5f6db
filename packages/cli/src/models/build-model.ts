import { CslError } from "@csl/internal/errors/csl-error";
import type { ClassList } from "@csl/labels";
import { createTResNet, type DecoderOptions, type TResNet } from "@csl/tresnet";
import type { ModelOptions } from "../commands/train/train-flags.js";
import type { Terminal } from "../terminal/terminal.js";
import { chooseHead } from "./choose-head.js";
import type { ClassEmbeddings } from "./class-embeddings.js";
import { embeddingsTensor, giveEmbeddings, lacksEmbeddings } from "./give-embeddings.js";
import type { LocatedModel } from "./locate-model.js";
import { type ModelBody, modelBody } from "./model-body.js";
import { type ModelFile, readModelFile } from "./read-model-file.js";
import { variants } from "./variants.js";
import { formatWeightsReport, type WeightsReport, weightsReport } from "./weights-report.js";

/**
 * A new model for these classes, with the weights of `--model-path` where given: safetensors, or a PyTorch file. The
 * body must fit. The head is taken when the file is known to be of the same classes and head; with `--keep-head` also
 * when it has the right size, or single rows of it by class; otherwise it starts fresh. Embeddings of the classes are those
 * of `--class-embeddings`, not the file's. The terminal shows what became
 * of the file's tensors, and the report has it key by key. The body is what is known of these weights.
 *
 * @throws CslError `mismatch` when the file is of another variant, or has no head to keep.
 */
export async function buildModel(
  options: ModelOptions & { seed: number },
  located: LocatedModel | undefined,
  { classes, embeddings }: { classes: ClassList; embeddings?: ClassEmbeddings | undefined },
  terminal: Terminal,
): Promise<{ model: TResNet; body?: ModelBody; report?: WeightsReport }> {
  const { modelName, numClasses, head, keepHead, seed } = options;
  if (numClasses !== undefined && numClasses !== classes.size) {
    throw new CslError(
      "mismatch",
      `csl train: expected --num-classes to be ${classes.size}, as the data has, got ${numClasses}. Leave the flag out.`,
    );
  }
  const model = createTResNet({
    ...{ variant: variants[modelName], numClasses: classes.size, head, seed },
    ...(head === "ml-decoder" && { decoder: decoderOf(options, embeddings) }),
  });
  if (embeddings) model.loadStateDict(new Map([embeddingsTensor(embeddings)]), { strict: false });
  if (!located) return { model };
  try {
    const read = await readModelFile(located.path);
    const file = embeddings && lacksEmbeddings(read) ? giveEmbeddings(read, embeddings) : read;
    const { name } = located;
    const report = await loadWeights(model, file, { classes, keepHead, modelName, name });
    terminal.info(formatWeightsReport(report));
    return { model, report, body: await modelBody(located, file) };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function decoderOf(
  { decoderEmbedding, numOfGroups }: ModelOptions,
  embeddings: ClassEmbeddings | undefined,
): DecoderOptions {
  return {
    embedding: decoderEmbedding,
    ...(embeddings ? { classEmbedding: embeddings.width } : numOfGroups && { groups: numOfGroups }),
  };
}

async function loadWeights(
  model: TResNet,
  file: ModelFile,
  {
    classes,
    keepHead,
    modelName,
    name,
  }: { classes: ClassList; keepHead: boolean; modelName: string; name: string },
): Promise<WeightsReport> {
  const isHead = (key: string): boolean => key.startsWith("head.");
  const body = [...file.state].filter(([key]) => !isHead(key));
  const head = await chooseHead(model, file, { classes, keepHead });
  const loaded = model.loadStateDict(new Map([...body, ...head.tensors]), { strict: false });
  const unused = head.tensors.size > 0 ? [] : [...file.state.keys()].filter(isHead);
  const { why, rows } = head;
  const report = weightsReport(file, loaded, name, {
    unused,
    ...(why !== undefined && { why }),
    ...(rows && { rows }),
  });
  const lacking = [...report.missing, ...report.otherShape.map(({ key }) => key)];
  if (lacking.length > 0) {
    const published = Object.entries(variants).find(([, own]) => own === file.variant)?.[0];
    throw new CslError(
      "mismatch",
      `csl train: ${name} lacks ${lacking.length} tensors of ${modelName}, first ${lacking.slice(0, 3).join(", ")}. ` +
        `Is --model-name right?${published ? ` The file's is ${published}.` : ""}`,
    );
  }
  return report;
}
