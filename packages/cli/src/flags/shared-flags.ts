import { extname } from "node:path";
import { knownWeights } from "@csl/download";
import { engineNames } from "@csl/engine";
import { nearMatches } from "@csl/internal/text/near-matches";
import { isModelName } from "../models/scenes-package.js";
import type { Terminal } from "../terminal/terminal.js";
import {
  choice,
  type Flag,
  file,
  integer,
  number,
  optionName,
  path,
  type ReadPath,
  text,
  toggle,
} from "./flag.js";

/** What `--data` names: a folder or a label file. */
export const datasetPath: ReadPath = {
  what: "a folder or a label file",
  kind: "file or folder",
  wayOut: (path) => (extname(path) === "" ? `Draw one: csl scenes ${path}` : "Is the path right?"),
};

/** What `--model-path` names. */
export const checkpointFile: ReadPath = {
  what: "a checkpoint",
  elsewhere: isModelName,
  wayOut(path) {
    const near = nearMatches(
      path,
      knownWeights.map(({ name }) => name),
    );
    return near.length > 0
      ? `Did you mean ${near.join(", ")}? csl weights lists the names.`
      : "csl train leaves best.safetensors in its --path-dest; csl weights lists public weights by name.";
  },
};

/** Beside `--model-path`. */
export const offlineFlag = toggle(
  "take weights by name from the cache and ask no server; CSL_OFFLINE=1 or HF_HUB_OFFLINE=1 does the same",
);

/** Saved labels, as `--labels` names them. */
export const savedLabels: ReadPath = {
  what: "saved labels",
  kind: "file or folder",
  wayOut: () => "Make them with csl simulate.",
};

/** Which labels and images. */
export const datasetFlags = {
  data: path(
    "a COCO, LVIS or OpenImages folder as downloaded, or your own train.csv / labels.csv (path,positives,negatives)",
    { default: "./data/COCO_2014", reads: datasetPath },
  ),
  dataset: choice(
    "what --data holds; auto: recognised by its files",
    ["auto", "coco", "openimages", "lvis", "custom"],
    {
      default: "auto",
    },
  ),
  images: path(
    "a folder, or shards (train-{000000..000554}.tar), when the images are not next to the labels",
  ),
  "on-missing": choice("drop and count samples without an image, or fail", ["drop", "fail"], {
    default: "drop",
  }),
  "coco-images": choice(
    "COCO: annotated: images with at least one annotation, as the reference; all",
    ["annotated", "all"],
    { default: "annotated" },
  ),
  "machine-labels": toggle("OpenImages: also machine-generated labels for training"),
  "machine-threshold": number("OpenImages: machine labels of this confidence or more are positive", {
    default: 0.5,
    from: 0,
    to: 1,
  }),
  "trainable-only": toggle("OpenImages: only the classes of the official trainable list, where it is there", {
    default: true,
  }),
  "minimum-support": integer("OpenImages: only classes with this many training positives", {
    default: 0,
    from: 0,
  }),
  "val-share": number(
    "data without a validation split: this share of the training images is the split val; copies of an image stay together",
    { above: 0, below: 1, decidesResume: true },
  ),
  "split-seed": integer("which images --val-share takes; the same in every command of a run", {
    default: 0,
    from: 0,
    decidesResume: true,
  }),
  "expand-hierarchy": toggle(
    "OpenImages: a present class makes its parents present, an absent one its children absent",
  ),
};

/** What a TResNet takes as the side of an image. */
export const imageSide = { from: 20, to: 4096, multipleOf: 4 } as const;

/** Each is a thread of the operating system with a decoder of its own. */
export const threads = { from: 0, to: 256 } as const;

/** How images are read and batched. */
export const batchFlags = {
  "image-size": integer("side of the square that images are resized to", {
    ...imageSide,
    default: 448,
    decidesResume: true,
  }),
  "batch-size": integer("images per batch", {
    short: "b",
    default: 64,
    from: 1,
    to: 65_536,
    decidesResume: true,
  }),
  workers: integer("worker threads that decode images; processes that run a command together share them", {
    short: "j",
    default: 2,
    ...threads,
  }),
  "on-unreadable": choice("skip and count unreadable images, or fail", ["skip", "fail"], { default: "skip" }),
  "image-timeout": number(
    "seconds to wait for the file of an image, which then counts as unreadable; 0: no limit",
    { default: 120, from: 0, to: 400_000 },
  ),
};

/** For commands that write files of results. */
export const overwriteFlag = toggle(
  "replace files that are there and are no earlier results of this command",
);

/**
 * A flag of the reference that decides nothing here: taken, so that a command line of the reference's runs, and answered
 * with a line that says what decides instead.
 */
export function unusedFlag(instead: string): Flag<string, undefined> & { readonly instead: string } {
  const flag = text(`of the reference; not used here: ${instead}`);
  const read = (given: unknown) => flag.read(typeof given === "number" ? String(given) : given);
  return { ...flag, read, instead };
}

/** A line for each flag of a group of `unusedFlag`s that was given. */
export function tellUnused(
  group: Readonly<Record<string, ReturnType<typeof unusedFlag>>>,
  options: object,
  terminal: Terminal,
): void {
  for (const [name, { instead }] of Object.entries(group))
    if ((options as Record<string, unknown>)[optionName(name)] !== undefined)
      terminal.info(`--${name} is not used: ${instead}`);
}

/** The same for a model that was trained already. */
export const modelBatchFlags = {
  ...batchFlags,
  "image-size": integer(
    "side of the square that images are resized to; default: the one that the model was trained on, 448 where its file does not say it",
    imageSide,
  ),
};

/** Where to compute. */
export const engineFlag = choice("the engine to compute on; default: the fastest found", engineNames);
const threadsFlag = integer(
  "threads that compute; default: OMP_NUM_THREADS, else the cores of the machine over its processes",
  { from: 1, to: 1024 },
);
export const precisions = [
  "how activations are stored; bf16: engine torch only, float16: webgpu only",
  ["float32", "bf16", "float16", "auto"],
] as const;
export const engineFlags = {
  engine: engineFlag,
  precision: choice(...precisions, { default: "float32", decidesResume: true }),
  threads: threadsFlag,
};

/** For commands that several processes run together. */
export const ranksFlags = {
  "dist-timeout": integer("seconds that a process waits for the others before all end with an error", {
    default: 600,
    from: 1,
    to: 86_400,
  }),
  "dist-backend": choice("how the processes add up: gloo, by libtorch", ["gloo"], { default: "gloo" }),
};

/** What `--class-embeddings` reads. */
export const classEmbeddingsFile = {
  what: "a file of class embeddings",
  wayOut: () => "Write one line per class: id,number,number,….",
} as const;

/** For a model whose classes are given by embeddings. */
export const classEmbeddingsFlag = file(
  "of a model trained with --class-embeddings: the classes to score, also such that it was not trained on; CSV of id,number,number,…",
  { reads: classEmbeddingsFile },
);

/** The checkpoint that a command uses. */
export const modelFlags = {
  "model-path": file(
    "a checkpoint of csl train, a PyTorch file (.pth), or weights by name: csl weights, hf:owner/name, an address",
    { default: "./outputs/best.safetensors", reads: checkpointFile },
  ),
  offline: offlineFlag,
  "class-embeddings": classEmbeddingsFlag,
};

export const schemeNames = ["fpc", "rps", "k-positives", "positives-only", "largest-object"] as const;

/** How labels are dropped. */
export const simulationFlags = {
  "simulate-partial-type": choice("how labels are dropped", schemeNames),
  "simulate-partial-param": number(
    "fpc: annotations per class and sign; rps: share dropped; k-positives: k; positives-only: share kept",
    { default: 1000 },
  ),
  seed: integer("seed of weights, order, augmentation and simulation", {
    default: 0,
    from: 0,
    to: 2 ** 32 - 1,
    decidesResume: true,
  }),
};
