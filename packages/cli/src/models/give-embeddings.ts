import type { StateTensor } from "@csl/checkpoints";
import { CslError } from "@csl/internal/errors/csl-error";
import { ClassList } from "@csl/labels";
import { detectTResNet, type TResNetArchitecture } from "@csl/tresnet";
import type { ClassEmbeddings } from "./class-embeddings.js";
import type { ModelFile } from "./read-model-file.js";

/** Where a head keeps the embeddings of its classes. */
export const embeddingsKey = "head.decoder.query_embed";

/** The embeddings as a tensor of the model. */
export function embeddingsTensor({ values, width, classes }: ClassEmbeddings): [string, StateTensor] {
  return [embeddingsKey, { shape: [classes.size, width], data: values }];
}

/** Whether a file has a head whose classes are given by embeddings, and none are in it: one of the reference's. */
export function lacksEmbeddings({ state }: ModelFile): boolean {
  return state.get("head.decoder.duplicate_pooling")?.shape.length === 2 && !state.has(embeddingsKey);
}

/**
 * A file's model for the classes of `--class-embeddings` instead of its own.
 *
 * @throws CslError `mismatch` when its classes are not given by embeddings, or by others
 */
export function giveEmbeddings(file: ModelFile, embeddings: ClassEmbeddings): ModelFile {
  const { classes, width } = embeddings;
  const refuse = (expected: string, got: string, cause?: unknown): CslError =>
    new CslError("mismatch", `csl: ${file.path}: expected ${expected} for --class-embeddings, got ${got}.`, {
      cause,
    });
  const trained = "a model that was trained with --class-embeddings";
  const state = new Map([...file.state, embeddingsTensor(embeddings)]);
  const fitting = (): TResNetArchitecture => {
    if (file.model) return { ...file.model, numClasses: classes.size };
    try {
      return detectTResNet(state);
    } catch (cause) {
      throw refuse(trained, "another head", cause);
    }
  };
  const model = fitting();
  const expected = model.decoder?.classEmbedding;
  if (expected === undefined) throw refuse(trained, `a head ${model.head} without embeddings`);
  const known = file.state.get("head.wordvec_proj.weight")?.shape[1] ?? expected;
  if (known !== width) throw refuse(`${known} numbers for each class`, `${width} in ${embeddings.path}`);
  const names = new Map(file.classes?.ids.map((id, i) => [id, file.classes!.names[i]!]));
  const named = classes.ids.map((id, i) => {
    const name = classes.names[i]!;
    return { id, name: name === id ? (names.get(id) ?? id) : name };
  });
  return { ...file, state, model, classes: ClassList.from(named), outputNames: undefined };
}
