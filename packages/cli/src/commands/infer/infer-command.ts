import { basename, join } from "node:path";
import { decodeImage, type Image, resize } from "@csl/image-batches";
import { hashFile } from "@csl/internal/files/hash-file";
import { printable } from "@csl/internal/text/printable";
import type { ClassList } from "@csl/labels";
import * as tf from "@tensorflow/tfjs-core";
import { annotateImage, type Tag } from "../../drawing/annotate-image.js";
import { startCommandEngine } from "../../engine/start-command-engine.js";
import { writeJson, writeWhole } from "../../files/write-json.js";
import { type Context, defineCommand } from "../../flags/command.js";
import { choice, file, folder, integer, number, type OptionsOf, path, text } from "../../flags/flag.js";
import { inputsOf } from "../../flags/read-flags.js";
import {
  datasetFlags,
  datasetPath,
  engineFlag,
  imageSide,
  modelFlags,
  overwriteFlag,
  tellUnused,
  unusedFlag,
} from "../../flags/shared-flags.js";
import { readClassEmbeddings } from "../../models/class-embeddings.js";
import { locateModel } from "../../models/locate-model.js";
import { openModel } from "../../models/open-model.js";
import { classesByNames } from "../../models/output-classes.js";
import { claimOutputs } from "../../outputs/claim-outputs.js";
import { formats, outputKinds } from "../../outputs/output-kinds.js";
import { signPng } from "../../outputs/sign-png.js";
import { expectSameOnRanks, gatherJson, oncePerMachine, onEveryRank, type Ranks } from "../../ranks/ranks.js";
import { startProgress } from "../../terminal/progress.js";
import {
  classesByThresholds,
  type DecisionRule,
  decisionRule,
  thresholdSource,
} from "../../thresholds/decision-rule.js";
import { annotatedNames } from "./annotated-names.js";
import { type ImageToTag, imagesToTag, namedImages } from "./images-to-tag.js";

const unusedFlags = {
  "dataset-type": unusedFlag("classes and head follow from the model's file"),
  "model-name": unusedFlag("the network follows from the model's file"),
};

const inferFlags = {
  Model: {
    ...modelFlags,
    "class-names": file(
      "names of the classes by id: OpenImages' class-descriptions.csv or mid_to_classes.pth",
      {
        reads: { what: "a file with names of classes", wayOut: () => "Is the path right?" },
      },
    ),
    "input-size": integer(
      "side of the square; default: the one that the model was trained on, 448 where its file does not say it",
      imageSide,
    ),
    filter: choice("bilinear, as in training; bicubic, as the reference's demo", ["bilinear", "bicubic"], {
      default: "bilinear",
    }),
    engine: engineFlag,
  },
  Tags: {
    th: number(
      "smallest score of a tag, for every class; default: thresholds.json next to the checkpoint, else 0.97",
      { from: 0, to: 1 },
    ),
    thresholds: file("a threshold per class, as csl evaluate --thresholds writes them", {
      reads: { what: "a file of thresholds", wayOut: () => "Write one with csl evaluate --thresholds." },
    }),
    "top-k": integer("at most this many tags", { default: 30, from: 1 }),
    out: folder("where the annotated images and the JSON go", {
      default: "./outputs/infer",
      writes: "folder",
    }),
    overwrite: overwriteFlag,
  },
  "Words of the reference": {
    "pic-path": path("an image or a folder, as IMAGE", {
      reads: { what: "an image", kind: "file or folder", wayOut: () => "Is the path right?" },
    }),
    "class-description-path": file("as --class-names", {
      reads: { what: "a file with names of classes", wayOut: () => "Is the path right?" },
    }),
    ...unusedFlags,
  },
  "Images of a data set": {
    ...datasetFlags,
    data: path("tag images of a data set instead of, or besides, those named", { reads: datasetPath }),
    split: text("with --data: its split", { placeholder: "name", default: "val", needs: "data" }),
    count: integer("with --data: how many of its images", { default: 8, from: 0, needs: "data" }),
  },
};

/** `csl infer IMAGE…`: tags with scores, as text, as JSON and as an image with the tags next to it. */
export const inferCommand = defineCommand({
  name: "infer",
  summary: "tag images, or those of folders",
  positional: { name: "images", many: true },
  flags: inferFlags,
  shared: true,
  run: tagImages,
});

async function tagImages(
  options: OptionsOf<typeof inferFlags>,
  context: Context,
  images: readonly string[],
): Promise<void> {
  const { terminal, signal, ranks } = context;
  const { rank, size } = ranks ?? { rank: 0, size: 1 };
  tellUnused(unusedFlags, options, terminal);
  const { picPath, classNames = options.classDescriptionPath } = options;
  const planned = await onEveryRank(ranks, async () => {
    const named = await namedImages([...images, ...(picPath === undefined ? [] : [picPath])], options);
    return planOutputs(await imagesToTag(named, options, context), { ...options, claim: rank === 0 });
  });
  await expectSameOnRanks("csl infer", ranks, { images: planned.map(({ name }) => name) });
  const located = await oncePerMachine(ranks, () =>
    locateModel(options.modelPath, { speaker: "csl infer", offline: options.offline }, context),
  );
  const thresholds = await thresholdSource({ ...options, modelPath: located.path });
  const engine = await startCommandEngine(options, terminal, { ranks });
  await expectSameOnRanks("csl infer", ranks, {
    engine: engine.name,
    ...(ranks && { model: await hashFile(located.path) }),
  });
  const embeddings =
    options.classEmbeddings === undefined
      ? undefined
      : await readClassEmbeddings(options.classEmbeddings, "csl infer");
  const opened = await openModel(located, terminal, embeddings);
  const { model, imageSize = 448 } = opened;
  const known = classesByThresholds(
    opened.path,
    { classes: opened.classes, numClasses: model.numClasses },
    thresholds,
  );
  const classes = await classesByNames({ ...opened, classes: known }, classNames);
  const rule = decisionRule(thresholds, classes, terminal);
  const folded = model.foldBatchNorm();
  const side = options.inputSize ?? imageSize;
  const unreadable: { image: string; reason: string }[] = [];
  const show = startProgress(terminal, { label: "tag", unit: "images" });
  const results: { image: string; tags: ClassTag[]; annotated: string }[] = [];
  try {
    const tag = async ({ name, read, ofFolder }: ImageToTag): Promise<Tagged> => {
      let image: Image;
      try {
        image = await decodeImage(await read());
      } catch (error) {
        if (!ofFolder) throw error;
        return { outcome: { reason: (error as Error).message } };
      }
      const resized = resize(image, { width: side, height: side, filter: options.filter });
      const output = tf.tidy(() => folded.forward(toBatch(resized)));
      const logits = await output.data<"float32">();
      output.dispose();
      const tags = pickTags(logits, classes, { rule, topK: options.topK });
      const png = await annotateImage(image, tags, { caption: basename(name) });
      return { outcome: { tags }, png: signPng(png, "csl infer") };
    };
    // Every rank tags one image, and rank 0 writes and tells all of them, in the order of one process.
    for (let start = 0; start < planned.length; start += size) {
      signal.throwIfAborted();
      if (planned.length > 1) show(start, planned.length);
      const next = planned[start + rank];
      const tagged = await gatherTagged(ranks, next && (await tag(next)));
      for (const [i, { outcome, png }] of tagged.entries()) {
        const { name, annotated } = planned[start + i]!;
        if (outcome.reason !== undefined) {
          terminal.info(`unreadable: ${printable(name)}: ${outcome.reason}`);
          unreadable.push({ image: name, reason: outcome.reason });
          continue;
        }
        const tags = outcome.tags!;
        await writeWhole(annotated, png!);
        results.push({ image: name, tags, annotated });
        terminal.print(
          [
            `${printable(name)}:`,
            ...tags.map((tag) => `  ${tag.score.toFixed(3)}  ${printable(tag.name)}${belowNote(tag)}`),
            `  → ${printable(annotated)}`,
          ].join("\n"),
        );
      }
    }
    terminal.endStatus();
    if (rank > 0) return;
    await writeJson(join(options.out, tagsName), {
      format: formats.tags,
      model: options.modelPath,
      ...(located.fetched && { weights: located.fetched }),
      ...rule.source,
      images: results,
      ...(unreadable.length > 0 && { unreadable }),
    });
    if (unreadable.length > 0)
      terminal.info(
        `${unreadable.length} of ${planned.length} images could not be read; listed in ${join(options.out, tagsName)}`,
      );
  } finally {
    folded.dispose();
    model.dispose();
  }
}

const tagsName = "tags.json";

/** What became of an image: tags and its annotated version, or why it could not be read. */
interface Tagged {
  outcome: { tags?: ClassTag[]; reason?: string };
  png?: Uint8Array;
}

/** The images of a round, in the order of the ranks, at rank 0; none elsewhere. @param own undefined where none was left */
async function gatherTagged(ranks: Ranks | undefined, own: Tagged | undefined): Promise<Tagged[]> {
  if (!ranks) return own ? [own] : [];
  const outcomes = await gatherJson(ranks, own?.outcome ?? null);
  const images = await ranks.group.gather(own?.png ?? new Uint8Array(0));
  return (outcomes ?? []).flatMap((outcome, i) => (outcome ? [{ outcome, png: images![i]! }] : []));
}

/** Says where the annotated version of each image goes, and makes sure that nothing of the person's is replaced. */
async function planOutputs(
  images: readonly ImageToTag[],
  { out, overwrite, claim, ...options }: OptionsOf<typeof inferFlags> & { claim: boolean },
): Promise<(ImageToTag & { annotated: string })[]> {
  const names = annotatedNames(images.map(({ name }) => name));
  const planned = images.map((image, i) => ({ ...image, annotated: join(out, `${names[i]}.png`) }));
  if (!claim) return planned;
  const flag = "--out";
  await claimOutputs(
    "csl infer",
    [
      ...planned.map(({ annotated }) => ({ path: annotated, flag, kind: outputKinds.annotatedImage })),
      { path: join(out, tagsName), flag, kind: outputKinds.tags },
    ],
    {
      inputs: [
        ...inputsOf(inferFlags, options),
        ...images.map(({ file, name }) => ({ path: file, flag: `the image ${name}` })),
      ],
      overwrite,
    },
  );
  return planned;
}

/** A tag as `tags.json` has it. */
interface ClassTag extends Tag {
  id: string;
  /** The score that it had to exceed. */
  threshold: number;
  /** It does not exceed it: the best class of an image that has no tag. */
  below?: true;
  /** The score at the temperature of the thresholds' file: a calibrated probability. */
  calibrated?: number;
}

/**
 * The classes above their thresholds, best first, at most `topK`; the single best class when none passes, so that every
 * image has a tag.
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
    ...(passing.length === 0 && { below: true as const }),
    ...(temperature !== undefined && { calibrated: probability(logits[index]! / temperature) }),
  }));
}

function belowNote({ below, threshold }: ClassTag): string {
  return below
    ? `  (below the threshold of ${Number(threshold.toPrecision(3))}: no class is above its own)`
    : "";
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
