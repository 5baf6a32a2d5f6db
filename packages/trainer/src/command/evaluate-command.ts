import { createImageLoader } from "@csl/image-batches";
import type { ClassList } from "@csl/labels";
import { type Evaluation, evaluateModel } from "../evaluate-model.js";
import type { Context } from "./context.js";
import type { Flag } from "./flag.js";
import { labelledBatches } from "./labelled-batches.js";
import { openModel } from "./open-model.js";
import { openSplit } from "./open-split.js";
import { percent } from "./percent.js";
import { progressLine } from "./progress-line.js";
import { startCommandEngine } from "./start-command-engine.js";
import type { DataOptions } from "./train-options.js";
import { trainingLabels } from "./training-labels.js";
import { writeJson } from "./write-json.js";

export const evaluateFlags: readonly Flag[] = [
  ["--model-path <file>", "a checkpoint of csl train", "./outputs/best.safetensors"],
  ["--split <name>", "the split to score: val, ood, train", "val"],
  ["--per-class", "print the average precision of every class", false],
  ["--json <file>", "write all numbers as JSON"],
];

interface EvaluateOptions extends DataOptions {
  modelPath: string;
  split: string;
  perClass: boolean;
  json?: string;
}

/** `csl evaluate`: metrics of a checkpoint on one split, over annotated entries only. */
export async function evaluateCommand(options: EvaluateOptions, { terminal }: Context): Promise<Evaluation> {
  await startCommandEngine(options, terminal);
  const { model, classes, imageSize } = await openModel(options.modelPath);
  const split = await openSplit(options.data, options.split, terminal, options);
  const table = await trainingLabels(
    split,
    { ...options, simulatePartialParam: 0, seed: 0, pathDest: "." },
    terminal,
  );
  requireSameClasses(classes, table.classes, options.modelPath, options.data);
  const { batchSize, workers, onUnreadable } = options;
  const loader = createImageLoader(split.paths, {
    size: imageSize,
    batchSize,
    workers,
    onUnreadable,
    dtype: "uint8",
  });
  const total = split.paths.length;
  try {
    const evaluation = await evaluateModel(model, labelledBatches(loader.epoch(0), table), {
      onProgress: (done) =>
        terminal.status(progressLine({ label: "evaluate", done, total }, { columns: terminal.columns })),
    });
    terminal.endStatus();
    terminal.print(formatEvaluation(evaluation, classes, options));
    if (options.json) await writeJson(options.json, evaluation);
    return evaluation;
  } finally {
    await loader.close();
    model.dispose();
  }
}

function requireSameClasses(trained: ClassList, found: ClassList, model: string, data: string): void {
  if (trained.hash() === found.hash()) return;
  const at = trained.ids.findIndex((id, i) => id !== found.ids[i]);
  throw new Error(
    `csl: ${model} was trained for ${trained.size} classes, ${data} has ${found.size}; they first differ at position ` +
      `${at < 0 ? Math.min(trained.size, found.size) : at} (${trained.ids[at] ?? "none"} / ${found.ids[at] ?? "none"}).`,
  );
}

/** Fractions as the field prints them, in percent. */
function formatEvaluation(
  evaluation: Evaluation,
  classes: ClassList,
  { perClass }: { perClass: boolean },
): string {
  const { mapC, mapO, chance, skipped, pictures } = evaluation;
  const { noLabels, noPositives, noNegatives } = skipped;
  const left = noLabels + noPositives + noNegatives;
  const lines = [
    `mAP(C) ${percent(mapC)}   mAP(O) ${percent(mapO)}   chance ${percent(chance.mapC)} / ${percent(chance.mapO)}`,
    `${pictures} pictures, ${classes.size - left} of ${classes.size} classes scored` +
      (left > 0
        ? ` (left out: ${noLabels} without labels, ${noPositives} without positives, ${noNegatives} without negatives)`
        : ""),
  ];
  if (perClass) {
    const width = Math.max(...classes.names.map((name) => name.length));
    for (const { index, ap, positives } of evaluation.perClass) {
      const score = (ap === null ? "-" : percent(ap)).padStart(6);
      lines.push(`${classes.names[index]!.padEnd(width)}  ${score}  ${positives} positives`);
    }
  }
  return lines.join("\n");
}
