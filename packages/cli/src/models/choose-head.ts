import type { StateDict } from "@csl/checkpoints";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ClassList } from "@csl/labels";
import type { TResNet } from "@csl/tresnet";
import { embeddingsKey } from "./give-embeddings.js";
import { hasRows, headFlags, headName, queries } from "./head-name.js";
import { plain } from "./plain-name.js";
import type { ModelFile } from "./read-model-file.js";

/** Tensors with a row per class; those of an ML-Decoder where each class is a query. */
const rowKeys =
  /\.(?:(?:fc|FC)\.(?:weight|bias)|duplicate_pooling|duplicate_pooling_bias|query_embed\.weight)$/;

/** The head's tensors to load; none for one that starts fresh. */
interface ChosenHead {
  tensors: StateDict;
  /** Why the head, or a part of it, is new. */
  why?: string;
  /** Class ids whose rows were taken over, and those whose rows are new. */
  rows?: { taken: string[]; new: string[] };
}

/**
 * Which of a file's head goes into a model for `classes`.
 *
 * @throws CslError `mismatch` when `--keep-head` is given and nothing can be kept, with the reason and the way out.
 */
export async function chooseHead(
  model: TResNet,
  file: ModelFile,
  { classes, keepHead }: { classes: ClassList; keepHead: boolean },
): Promise<ChosenHead> {
  const head = new Map([...file.state].filter(([key]) => key.startsWith("head.")));
  const byEmbeddings = model.config.decoder?.classEmbedding !== undefined;
  // Embeddings are of the data's classes, not of the file's.
  if (byEmbeddings) head.set(embeddingsKey, (await model.stateDict()).get(embeddingsKey)!);
  const ids = file.classes?.ids;
  const sameClasses = ids?.length === classes.size && ids.every((id, i) => id === classes.ids[i]);
  const sameHead = file.model !== undefined && headName(file.model) === headName(model.config);
  if (sameClasses && sameHead) return { tensors: head };
  if (!keepHead) return { tensors: new Map(), why: whyNew(file, { sameClasses, sameHead }) };
  const refuse = (got: string, way: string): CslError =>
    new CslError("mismatch", `csl train: --keep-head: expected ${got}. ${way}`);
  const without = "Without --keep-head the body is taken and the head starts fresh.";
  if (!file.model)
    throw refuse(`a ${headName(model.config)} head in ${file.path}, got ${file.otherHead}`, without);
  if (!sameHead)
    throw refuse(
      `a ${headName(model.config)} head in ${file.path}, got a ${headName(file.model)} one`,
      `Use ${headFlags(file.model)}.`,
    );
  if (byEmbeddings) return { tensors: head };
  if (sameClasses || !(file.classes || file.outputNames)) {
    // Nothing says that these are other classes: the size decides.
    if (file.model.numClasses === classes.size) return { tensors: head };
    throw refuse(
      `${classes.size} outputs in ${file.path}, which does not name its classes, got ${file.model.numClasses}`,
      without,
    );
  }
  if (!hasRows(model.config) || !hasRows(file.model))
    throw refuse(
      `a query for each class in ${file.path} and in the new model, to take over single classes, got ${queries(file.model)} and ${queries(model.config)}`,
      without,
    );
  const rows = matchRows(file, classes);
  const taken = classes.ids.filter((_, i) => rows[i] !== undefined);
  if (taken.length === 0)
    throw refuse(
      `some of the data's ${classes.size} classes (${classes.ids.slice(0, 3).join(", ")}, …) in ${file.path}, got none of them`,
      without,
    );
  const fresh = classes.ids.filter((_, i) => rows[i] === undefined);
  return {
    tensors: takeRows(head, await model.stateDict(), rows),
    why: "the file does not have these classes",
    rows: { taken, new: fresh },
  };
}

function whyNew(
  { model, classes, outputNames, otherHead }: ModelFile,
  { sameClasses, sameHead }: { sameClasses: boolean | undefined; sameHead: boolean },
): string {
  if (!model) return `the file has ${otherHead}`;
  if (!sameHead) return `the file's is ${headName(model)}`;
  if (sameClasses) return "it does not fit";
  return classes || outputNames
    ? "the file's classes differ (--keep-head takes over those that are the same)"
    : "the file names no classes (--keep-head takes it where the number is the same)";
}

/** For each class the file's output of the same id, or else of the same name; undefined where there is none. */
function matchRows({ classes, outputNames = [] }: ModelFile, wanted: ClassList): (number | undefined)[] {
  const byId = new Map((classes?.ids ?? []).map((id, row) => [id, row]));
  const byName = new Map<string, number | undefined>();
  for (const [row, name] of (classes?.names ?? outputNames).entries())
    byName.set(plain(name), byName.has(plain(name)) ? undefined : row); // a name of two outputs says nothing
  const nameCounts = new Map<string, number>();
  for (const name of wanted.names) nameCounts.set(plain(name), (nameCounts.get(plain(name)) ?? 0) + 1);
  return wanted.ids.map((id, i) => {
    const name = plain(wanted.names[i]!);
    return byId.get(id) ?? (nameCounts.get(name) === 1 ? byName.get(name) : undefined);
  });
}

/** The head with the rows of the file's where there are any, and else of the model's own. */
function takeRows(head: StateDict, own: StateDict, rows: readonly (number | undefined)[]): StateDict {
  const chosen: StateDict = new Map();
  for (const [key, tensor] of head) {
    const initial = own.get(key);
    const perClass = initial !== undefined && initial.shape[0] === rows.length && rowKeys.test(key);
    if (!perClass) {
      chosen.set(key, tensor);
      continue;
    }
    const size = initial.data.length / rows.length;
    const data = initial.data.slice();
    for (const [i, row] of rows.entries())
      if (row !== undefined) data.set(tensor.data.subarray(row * size, (row + 1) * size), i * size);
    chosen.set(key, { shape: [...initial.shape], data });
  }
  return chosen;
}
