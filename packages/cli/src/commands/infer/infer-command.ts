import { basename, extname, join } from "node:path";
import { decodeImage, type Image, resize } from "@csl/image-batches";
import type { ClassList } from "@csl/labels";
import * as tf from "@tensorflow/tfjs-core";
import type { Context } from "../../context.js";
import { startCommandEngine } from "../../engine/start-command-engine.js";
import { writeJson, writeWhole } from "../../files/write-json.js";
import { datasetFlags } from "../../flags/dataset-flags.js";
import type { Flag } from "../../flags/flag.js";
import { requireImages } from "../../flags/require-images.js";
import { requirePaths } from "../../flags/require-paths.js";
import { requireWritable } from "../../flags/require-writable.js";
import { namesOfOutputs } from "../../models/names-of-outputs.js";
import { type OpenedModel, openModel } from "../../models/open-model.js";
import { type DecisionRule, decisionRule } from "../../thresholds/decision-rule.js";
import { type ThresholdSource, thresholdSource } from "../../thresholds/threshold-source.js";
import { classesOfThresholds } from "../../thresholds/thresholds-file.js";
import { annotateImage, type Tag } from "./annotate-image.js";
import { type InferDataFlags, imagesToTag } from "./images-to-tag.js";

export const inferFlags: readonly Flag[] = [
  [
    "--model-path <file>",
    "a checkpoint of csl train, or a PyTorch file (.pth)",
    "./outputs/best.safetensors",
  ],
  [
    "--class-names <file>",
    "names of the classes by id: OpenImages' class-descriptions.csv or mid_to_classes.pth",
  ],
  [
    "--input-size <number>",
    "side of the square; default: the one that the model was trained on, 448 where its file does not say it",
  ],
  [
    "--th <number>",
    "smallest score of a tag, for every class; default: thresholds.json beside the checkpoint, else 0.97",
  ],
  ["--thresholds <file>", "a threshold per class, as csl evaluate --thresholds writes them"],
  ["--top-k <number>", "at most this many tags", 30],
  [
    "--filter <name>",
    "bilinear, as in training; bicubic, as the reference's demo",
    "bilinear",
    ["bilinear", "bicubic"],
  ],
  ["--data <path>", "tag images of a data set instead of, or besides, those named"],
  ["--split <name>", "with --data: its split", "val"],
  ["--count <number>", "with --data: how many of its images", 8],
  ...datasetFlags.filter(([text]) => !text.startsWith("--data ")),
  ["--out <folder>", "where the annotated images and the JSON go", "./outputs/infer"],
  ["--engine <name>", "the engine to use; default: the fastest found"],
  ["-q, --quiet", "print results only", false],
];

interface InferOptions extends InferDataFlags {
  modelPath: string;
  classNames?: string;
  inputSize?: number;
  th?: number;
  thresholds?: string;
  topK: number;
  filter: "bilinear" | "bicubic";
  out: string;
  engine?: string;
}

/** `csl infer IMAGE…`: tags with scores, as text, as JSON and as an image with the tags beside it. */
export async function inferCommand(
  images: readonly string[],
  options: InferOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context;
  await requireImages(images, options);
  await requirePaths("csl infer", options);
  await requireWritable("csl infer", "--out", options.out);
  const thresholds = await thresholdSource(options);
  await startCommandEngine(options, terminal);
  const opened = await openModel(options.modelPath, terminal);
  const { model, imageSize = 448 } = opened;
  const known = classesBy(opened, thresholds);
  const classes = await namesOfOutputs({ ...opened, classes: known }, options.classNames);
  const rule = decisionRule(thresholds, classes, terminal);
  const folded = model.foldBatchNorm();
  const size = options.inputSize ?? imageSize;
  const results: { image: string; tags: ClassTag[]; annotated: string }[] = [];
  try {
    for await (const { name, source } of imagesToTag(images, options, opened.classes, context)) {
      const image = await decodeImage(source);
      const squashed = resize(image, { width: size, height: size, filter: options.filter });
      const output = tf.tidy(() => folded.forward(toBatch(squashed)));
      const logits = await output.data<"float32">();
      output.dispose();
      const tags = pickTags(logits, classes, { rule, topK: options.topK });
      const annotated = join(options.out, `${basename(name, extname(name))}.png`);
      await writeWhole(annotated, await annotateImage(image, tags, { caption: basename(name) }));
      results.push({ image: name, tags, annotated });
      terminal.print(
        [`${name}:`, ...tags.map((tag) => `  ${tag.score.toFixed(3)}  ${tag.name}`), `  → ${annotated}`].join(
          "\n",
        ),
      );
    }
    await writeJson(join(options.out, "tags.json"), {
      model: options.modelPath,
      ...rule.source,
      images: results,
    });
  } finally {
    folded.dispose();
    model.dispose();
  }
}

/** The classes that a model's file names, or else those of thresholds that were chosen for this very file. */
function classesBy(
  { path, classes, model }: OpenedModel,
  thresholds: ThresholdSource,
): ClassList | undefined {
  if (classes || !("file" in thresholds)) return classes;
  const found = thresholds.own ? classesOfThresholds(thresholds.file, model.numClasses) : undefined;
  if (found) return found;
  throw new Error(
    `csl infer: expected thresholds that were chosen for ${path}, which does not name its classes, got ${thresholds.path}, which were not. ` +
      "Choose them with csl evaluate --thresholds, or take a single one with --th.",
  );
}

/** A tag as `tags.json` has it. */
interface ClassTag extends Tag {
  id: string;
  /** The score that it had to exceed. */
  threshold: number;
  /** The score at the temperature of the thresholds' file: what can be taken for a probability. */
  calibrated?: number;
}

/**
 * The classes above their thresholds, best first, at most `topK`; the single best class when none passes, so that an
 * image never comes back empty-handed.
 */
function pickTags(
  logits: Float32Array,
  classes: ClassList,
  { rule: { thresholds, temperature }, topK }: { rule: DecisionRule; topK: number },
): ClassTag[] {
  const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
  const passing = order.filter((index) => logits[index]! > thresholds[index]!).slice(0, topK);
  return (passing.length > 0 ? passing : order.slice(0, 1)).map((index) => ({
    id: classes.ids[index]!,
    name: classes.names[index]!,
    score: probability(logits[index]!),
    threshold: probability(thresholds[index]!),
    ...(temperature !== undefined && { calibrated: probability(logits[index]! / temperature) }),
  }));
}

function probability(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** [1, height, width, 3] in [0, 1]. */
function toBatch({ data, width, height }: Image): tf.Tensor4D {
  return tf.tensor4d(
    Float32Array.from(data, (byte) => byte / 255),
    [1, height, width, 3],
  );
}
