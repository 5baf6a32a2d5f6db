import { engineNames } from "@csl/engine";
import { datasetFlags } from "./dataset-flags.js";
import type { Flag } from "./flag.js";

/** Flags that say which images and labels to use. `--data`, `--workers` and `--image-size` are the reference's. */
export const dataFlags: readonly Flag[] = [
  ...datasetFlags,
  ["--labels <folder>", "labels saved by `csl simulate` or by an earlier run, instead of the full ones"],
  ["-j, --workers <number>", "worker threads that decode images", 2],
  ["--image-size <number>", "side of the square that images are squashed to", 448],
  ["-b, --batch-size <number>", "images per batch", 64],
  ["--on-unreadable <what>", "skip and count unreadable images, or fail", "skip", ["skip", "fail"]],
  [
    "--image-timeout <number>",
    "seconds to wait for the file of an image, which then counts as unreadable; 0: for ever",
    120,
  ],
  ["--engine <name>", `${engineNames.join(", ")}; default: the fastest found`, undefined, engineNames],
  [
    "--precision <name>",
    "how activations are stored: float32, bf16 (torch engine), auto",
    "float32",
    ["float32", "bf16", "auto"],
  ],
  ["-q, --quiet", "print results only", false],
];

/** Names and defaults of the reference's train.py, in kebab-case; below the line what it lacks. */
export const trainFlags: readonly Flag[] = [
  ["--lr <number>", "highest learning rate of the one-cycle schedule", 2e-4],
  ["--epochs <number>", "epochs of the schedule", 30],
  ["--stop-epoch <number>", "stop after this many epochs; default: --epochs"],
  ["--weight-decay <number>", "L2 on weights, not on biases and norms", 1e-4],
  ["--model-name <name>", "tresnet_m, tresnet_l, tresnet_xl, tresnet_l_v2 or tresnet_tiny", "tresnet_m"],
  [
    "--model-path <file>",
    "weights to start from: safetensors or a PyTorch file (.pth); the head is taken only if its classes are these",
  ],
  ["--num-classes <number>", "checked against the data; default: what the data has"],
  [
    "--simulate-partial-type <scheme>",
    "fpc, rps, k-positives, positives-only or largest-object",
    undefined,
    ["fpc", "rps", "k-positives", "positives-only", "largest-object"],
  ],
  [
    "--simulate-partial-param <number>",
    "fpc: annotations per class and sign; rps: share dropped; k-positives: k; positives-only: share kept",
    1000,
  ],
  [
    "--partial-loss-mode <mode>",
    "negative, ignore, normalized, ignore-normalize-classes or selective",
    "negative",
    ["negative", "ignore", "normalized", "ignore-normalize-classes", "selective"],
  ],
  ["--clip <number>", "probability margin of negatives", 0],
  ["--gamma-pos <number>", "focusing of positives", 0],
  ["--gamma-neg <number>", "focusing of annotated negatives", 1],
  ["--gamma-unann <number>", "focusing of un-annotated entries", 2],
  ["--alpha-pos <number>", "weight of positives", 1],
  ["--alpha-neg <number>", "weight of annotated negatives", 1],
  ["--alpha-unann <number>", "weight of un-annotated entries", 1],
  ["--likelihood-topk <number>", "selective: likely un-annotated entries ignored per image", 5],
  ["--prior-path <file>", "selective: class prior, JSON of `csl estimate-prior` or the reference's CSV"],
  [
    "--prior-threshold <number>",
    "selective: classes with a larger prior are ignored where un-annotated",
    0.05,
  ],
  ["--path-dest <folder>", "where checkpoints, log, labels and prior go", "./outputs"],
  [
    "--head <name>",
    "linear, or bottleneck as the reference's OpenImages models",
    "linear",
    ["linear", "bottleneck"],
  ],
  [
    "--topk-scope <scope>",
    "batch: K times the batch pooled over it, as the reference; sample: as the paper",
    "batch",
    ["batch", "sample"],
  ],
  ["--spare-ignored", "spend no top-k slot on a class that the prior already ignores", false],
  ["--decoupled", "AdamW's decoupled weight decay instead of L2", false],
  ["--ema-decay <number>", "decay of the averaged weights", 0.9997],
  ["--ema-warmup", "let the averaged weights follow faster at first; for short runs", false],
  ["--accumulate <number>", "batches per optimizer step", 1],
  [
    "--cuda-graphs",
    "record a step once and replay it as one launch (engine torch-cuda); the numbers are the same",
    false,
  ],
  ["--augment <how>", "reference: Cutout and RandAugment; none", "reference", ["reference", "none"]],
  ["--cache <where>", "memory: keep resized images after the first epoch; none", "none", ["none", "memory"]],
  ["--val-split <name>", "the split to validate on", "val"],
  ["--allow-overlap", "go on although training and validation share images", false],
  ["--validate-every <number>", "epochs between validations", 1],
  [
    "--checkpoint-every <number>",
    "steps between checkpoints within an epoch; a killed run loses what comes after the last. 0: after each epoch only",
    0,
  ],
  ["--seed <number>", "seed of weights, order, augmentation and simulation", 0],
  ["--resume <file>", "go on from this checkpoint (last.safetensors)"],
  ["--overwrite", "give up the run that --path-dest holds, and begin anew there", false],
];
