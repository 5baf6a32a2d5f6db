import {
  choice,
  file,
  folder,
  type GroupOptions,
  integer,
  number,
  numberOr,
  type OptionsOf,
  onlyWith,
  path,
  text,
  toggle,
} from "../../flags/flag.js";
import {
  batchFlags,
  checkpointFile,
  classEmbeddingsFile,
  datasetFlags,
  engineFlags,
  offlineFlag,
  ranksFlags,
  savedLabels,
  simulationFlags,
  unusedFlag,
} from "../../flags/shared-flags.js";
import {
  anFlags,
  aslFlags,
  emFlags,
  eprFlags,
  expectedFlags,
  focalFlags,
  grFlags,
  hillFlags,
  largeLossFlags,
  lossChoice,
  lossFlags,
  roleFlags,
  splcFlags,
} from "./loss/loss-flags.js";

const labelFlags = {
  ...simulationFlags,
  labels: path("labels saved by csl simulate or by an earlier run, instead of the full ones", {
    reads: savedLabels,
  }),
};

export const networks = [
  "the network",
  ["tresnet_m", "tresnet_l", "tresnet_xl", "tresnet_l_v2", "tresnet_tiny"],
] as const;

const modelFlags = {
  "model-name": choice(...networks, { default: "tresnet_m", decidesResume: true }),
  "model-path": file(
    "weights to start from: safetensors, a PyTorch file (.pth), or a name (csl weights, hf:owner/name, an address); the head is used only if its classes are these",
    { reads: checkpointFile },
  ),
  offline: offlineFlag,
  "num-classes": integer("checked against the data; default: what the data has", { from: 1 }),
  "keep-head": toggle(
    "with --model-path: keep its head where it has the right size; where its classes differ, the rows of those that are the same by id or name",
  ),
  head: choice(
    "linear, bottleneck as the reference's OpenImages models, or ml-decoder: attention (arXiv 2111.12933)",
    ["linear", "bottleneck", "ml-decoder"],
    { default: "linear", decidesResume: true },
  ),
};

const decoderFlags = onlyWith(
  { flag: "head", values: ["ml-decoder"] },
  {
    "decoder-embedding": integer("width of the decoder", {
      ...{ default: 768, from: 8, to: 65_536, multipleOf: 8, decidesResume: true },
    }),
    "num-of-groups": integer(
      "queries, each of which scores its share of the classes; default: 100, or a query per class where those are fewer",
      { from: 1, decidesResume: true },
    ),
    "class-embeddings": file(
      "instead of --num-of-groups: CSV of id,number,number,…; each class is a query made from its embedding, and classes without training labels can be scored by theirs",
      { reads: classEmbeddingsFile },
    ),
  },
);

const optimizerFlags = {
  lr: numberOr(
    "auto",
    "highest learning rate of the one-cycle schedule; auto: by a range test of at most 100 steps before the training",
    { default: 2e-4, above: 0 },
  ),
  epochs: integer("epochs of the schedule", { default: 30, from: 1, to: 100_000 }),
  "stop-epoch": integer("stop after this many epochs; default: --epochs", { from: 1 }),
  "weight-decay": number("L2 on weights, not on biases and norms", { default: 1e-4, from: 0 }),
  decoupled: toggle("AdamW's decoupled weight decay instead of L2"),
  "freeze-body": integer(
    "train the head alone in the first so many epochs; weights and norm statistics of the body stay as they are",
    { from: 1, decidesResume: true },
  ),
  "body-lr-scale": number("learning rate of the body as a share of the head's; default: the same", {
    above: 0,
    to: 1,
    decidesResume: true,
  }),
  "clip-grad-norm": number(
    "largest norm of a step's gradients, all weights together; log.jsonl has the norm of each step. Default: no limit",
    { above: 0, decidesResume: true },
  ),
  accumulate: integer("batches per optimizer step", { default: 1, from: 1, to: 100_000 }),
  "ema-decay": number("decay of the averaged weights", { default: 0.9997, from: 0, below: 1 }),
  "ema-warmup": toggle("let the averaged weights follow faster at first; for short runs"),
};

const trainingImageFlags = {
  augment: choice("reference: Cutout and RandAugment", ["reference", "none"], {
    default: "reference",
    decidesResume: true,
  }),
  cache: choice("memory: keep resized images after the first epoch", ["none", "memory"], { default: "none" }),
};

const runFlags = {
  "path-dest": folder("where checkpoints, log, labels and prior go", {
    default: "./outputs",
    writes: "folder",
  }),
  resume: file(
    "continue from this checkpoint (last.safetensors); auto: from that of --path-dest, or begin where there is none yet",
    {
      reads: {
        what: "a checkpoint, or auto",
        wayOut: () => "csl train leaves last.safetensors in its --path-dest.",
        elsewhere: (text) => text === "auto",
      },
    },
  ),
  "allow-changes": toggle(
    "with --resume: go on although the settings are not the run's; log.jsonl and config.json tell what changed",
    { needs: "resume" },
  ),
  overwrite: toggle("replace the run that --path-dest holds"),
  tensorboard: toggle("also write event files for TensorBoard: tensorboard --logdir PATH-DEST"),
  "checkpoint-every": integer(
    "steps between checkpoints within an epoch; a killed run loses what comes after the last. 0: after each epoch only",
    { default: 0, from: 0 },
  ),
  "val-split": text("the split to validate on", {
    placeholder: "name",
    default: "val",
    decidesResume: true,
  }),
  "validate-every": integer("epochs between validations", { default: 1, from: 1 }),
  patience: integer("end after this many validations in a row without a better best; default: never", {
    from: 1,
  }),
  "allow-overlap": toggle("train although training and validation share images"),
};

/** What the reference's train.py takes as well. */
export const unusedTrainFlags = {
  metadata: unusedFlag("--data names the folder of the labels, by which its kind is recognised"),
  "print-freq": unusedFlag("progress is shown all the time, and log.jsonl has every step"),
  "debug-mode": unusedFlag("--data takes COCO as it is downloaded, and --dataset other kinds"),
};

/** All flags of `csl train`. Names and defaults of the reference's train.py are kept. */
export const trainFlags = {
  "Data set": datasetFlags,
  Labels: labelFlags,
  "Images and batches": { ...batchFlags, ...trainingImageFlags },
  Model: modelFlags,
  "Head ml-decoder": decoderFlags,
  Loss: lossChoice,
  "Loss csl": lossFlags,
  "Loss asl": aslFlags,
  "Loss focal": focalFlags,
  "Loss hill": hillFlags,
  "Loss splc": splcFlags,
  "Loss role": roleFlags,
  "Loss em": emFlags,
  "Loss large-loss": largeLossFlags,
  "Loss gr": grFlags,
  "Loss an": anFlags,
  "Loss epr": eprFlags,
  "Losses role and epr": expectedFlags,
  "Schedule and optimizer": optimizerFlags,
  "Run folder and validation": runFlags,
  "Several processes": {
    "sync-bn": toggle(
      "batch normalisation over the batches of all processes, instead of each one's own; every norm waits for the slowest",
    ),
    ...ranksFlags,
  },
  "Words of the reference": unusedTrainFlags,
  Engine: {
    ...engineFlags,
    "cuda-graphs": toggle(
      "record a step once and replay it as one launch (engine torch-cuda); the numbers are the same",
    ),
  },
};

export type TrainOptions = OptionsOf<typeof trainFlags>;
/** What of the loss can be left to the command, once it is chosen. */
export interface ChosenLoss {
  partialLossMode: Exclude<TrainOptions["partialLossMode"], "auto">;
  priorThreshold: number;
  likelihoodTopk: number;
}
/** The same with a learning rate and a loss, whoever chose them. */
export type SettledOptions = TrainOptions & ChosenLoss & { lr: number };
export type LabelOptions = GroupOptions<typeof labelFlags>;
export type ModelOptions = GroupOptions<typeof modelFlags & typeof decoderFlags>;
export type LossOptions = GroupOptions<typeof lossFlags>;
export type SettledLossOptions = LossOptions & ChosenLoss;
export type RunOptions = GroupOptions<typeof runFlags>;
