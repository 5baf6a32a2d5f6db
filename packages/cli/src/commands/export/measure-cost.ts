import { type ClassList, expectSameClasses } from "@csl/labels";
import { MetricAccumulator } from "@csl/metrics";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";
import { closeLoaders, labelledBatches, readOnce, unreadableNotices } from "../../data/image-loaders.js";
import { openDataset } from "../../data/open-dataset.js";
import { requireScorable } from "../../data/split-checks.js";
import { startCommandEngine } from "../../engine/start-command-engine.js";
import type { Context } from "../../flags/command.js";
import type { WholeModel } from "../../models/open-model.js";
import { percent } from "../../terminal/format.js";
import { startProgress } from "../../terminal/progress.js";
import type { ExportOptions } from "./export-flags.js";
import { openSession } from "./onnx-session.js";

interface Score {
  mapC: number;
  mapO: number;
}

/** The scores of a model and of its export on the same images. Fractions. */
export interface Cost {
  engine: string;
  dataset: string;
  split: string;
  images: number;
  original: Score;
  exported: Score;
}

/** Scores a model and its export in one pass over a split, by annotated entries only. */
export async function measureCost(
  { model: architecture, state }: WholeModel,
  bytes: Uint8Array,
  { classes, imageSize }: { classes: ClassList; imageSize: number },
  options: ExportOptions & { data: string },
  context: Context,
): Promise<Cost> {
  const { terminal, signal } = context;
  const dataset = await openDataset(options, terminal, { signal });
  await dataset.requireSplit(options.split);
  const split = await dataset.split(options.split, { classes });
  expectSameClasses(classes, split.truth.classes, `csl export: the model for ${options.data}`);
  const images = await split.images();
  const labels = images.selectRows(split.truth);
  requireScorable(split.name, labels);
  const engine = await startCommandEngine(options.engine ? { engine: options.engine } : {}, terminal);
  const model = createTResNet(architecture);
  model.loadStateDict(state, { strict: false });
  const folded = model.foldBatchNorm();
  model.dispose();
  const session = await openSession(bytes);
  const loader = readOnce(images.list, options, { size: imageSize, signal });
  const noticeUnreadable = unreadableNotices([loader.unreadable], terminal);
  const show = startProgress(terminal, { label: "score", unit: "images" });
  const [original, exported] = [new MetricAccumulator(), new MetricAccumulator()];
  try {
    for await (const batch of labelledBatches(loader.batches(), labels)) {
      signal.throwIfAborted();
      const { size, height, width } = batch;
      const pixels = batch.images as Uint8Array;
      const shape: [number, number, number, number] = [size, height, width, 3];
      const logits = tf.tidy(() =>
        folded.forward(
          tf.tensor4d(
            Float32Array.from(pixels, (byte) => byte / 255),
            shape,
          ),
        ),
      );
      original.add(await logits.data<"float32">(), batch.labels, size);
      logits.dispose();
      exported.add(await session.logits(pixels, shape), batch.labels, size);
      noticeUnreadable();
      show(original.numSamples, images.list.length);
    }
    terminal.endStatus();
    const scores = [original, exported].map((metrics): Score => {
      const { mapC, mapO } = metrics.compute();
      return { mapC, mapO };
    }) as [Score, Score];
    return {
      ...{ engine: engine.name, dataset: dataset.kind, split: split.name, images: original.numSamples },
      ...{ original: scores[0], exported: scores[1] },
    };
  } finally {
    await closeLoaders([loader], terminal);
    await session.close();
    folded.dispose();
  }
}

/** The cost as a table of the terminal and of the card. */
export function formatCost({ original, exported, images, split, engine }: Cost, precision: string): string {
  const row = (name: string, { mapC, mapO }: Score): string =>
    `| ${name} | ${percent(mapC)} | ${percent(mapO)} |`;
  const change = (before: number, after: number): string => {
    const points = percent(after - before);
    return /^-?0\.0+$/.test(points) ? "0.00" : after > before ? `+${points}` : points;
  };
  return [
    `On ${images} images of the split \`${split}\`, over annotated entries only:\n`,
    "| model | mAP(C) | mAP(O) |",
    "| --- | --- | --- |",
    row(`original, ${engine}`, original),
    row(`exported as ${precision}, onnxruntime`, exported),
    `| change, in points | ${change(original.mapC, exported.mapC)} | ${change(original.mapO, exported.mapO)} |`,
  ].join("\n");
}
