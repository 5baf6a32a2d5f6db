import { readSafetensors, writeSafetensors } from "@csl/checkpoints";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { parseJson } from "@csl/internal/json/parse-json";
import { formats } from "../outputs/output-kinds.js";

/** What scores were made with, and of what. */
interface ScoresOrigin {
  /** SHA-256 of the file of weights. */
  weights: string;
  engine: string;
  imageSize: number;
  split: string;
  /** SHA-256 of the label table. */
  labelsHash: string;
}

/** The scores of a model on a split, as far as a comparison needs them. */
export interface KeptScores extends ScoresOrigin {
  classes: { ids: readonly string[]; names: readonly string[] };
  images: readonly string[];
  /** The group of every class, where the data has groups. */
  groups?: readonly string[] | undefined;
  /** [images * classes] */
  scores: Float32Array;
  labels: Int8Array;
}

/** A gigabyte of scores; more would not fit into memory several times. */
const MOST_ENTRIES = 2 ** 28;

/** Scores beside the checkpoint that they are of. */
export const scoresName = "scores.safetensors";

/** @throws CslError `unsupported` for more entries than a comparison can hold. */
export function requireFewEntries(speaker: string, images: number, classes: number): void {
  if (images * classes <= MOST_ENTRIES) return;
  throw new CslError(
    "unsupported",
    `${speaker}: expected at most ${MOST_ENTRIES} scores, got ${images} images × ${classes} classes. Compare on a part of the images: a label file with fewer.`,
  );
}

/** A safetensors file: the tensors `scores` and `labels`, and the rest as texts. */
export async function writeKeptScores(path: string, kept: KeptScores): Promise<void> {
  const { scores, labels, classes, images, groups, ...origin } = kept;
  const shape = [images.length, classes.ids.length];
  const texts = { classes: JSON.stringify(classes), images: JSON.stringify(images) };
  await writeSafetensors(
    path,
    new Map([
      ["scores", { shape, data: scores }],
      ["labels", { shape, data: Float32Array.from(labels) }],
    ]),
    {
      format: formats.scores,
      origin: JSON.stringify(origin),
      ...texts,
      ...(groups && { groups: JSON.stringify(groups) }),
    },
  );
}

/** @returns undefined for a safetensors file of something else. @throws for a damaged one. */
export async function readKeptScores(path: string): Promise<KeptScores | undefined> {
  const { tensors, metadata } = await readSafetensors(path).catch((error: unknown) => {
    if (isCslError(error, "invalid-file")) return { tensors: undefined, metadata: undefined };
    throw error;
  });
  if (metadata?.format !== formats.scores) return undefined;
  const [scores, labels] = [tensors!.get("scores"), tensors!.get("labels")];
  const parsed = (name: string) => parseJson(metadata[name] ?? "null") as unknown;
  const refuse = (cause?: unknown): never => {
    throw new CslError(
      "invalid-file",
      `csl: expected ${path} to hold scores as csl compare --keep-scores writes them, got others. Remove it.`,
      { cause },
    );
  };
  try {
    const classes = parsed("classes") as KeptScores["classes"];
    const images = parsed("images") as string[];
    const entries = images.length * classes.ids.length;
    if (scores?.data.length !== entries || labels?.data.length !== entries) return refuse();
    return {
      ...(parsed("origin") as ScoresOrigin),
      ...{ classes, images, scores: scores.data, labels: Int8Array.from(labels.data) },
      ...(metadata.groups && { groups: parsed("groups") as string[] }),
    };
  } catch (cause) {
    return isCslError(cause) ? Promise.reject(cause) : refuse(cause);
  }
}
