import { basename } from "node:path";
import type { Best } from "@csl/checkpoints";
import type { ModelBody } from "../../models/model-body.js";
import { percent } from "../../terminal/format.js";
import { optionsOfLoss } from "./loss/loss-options.js";
import { losses } from "./loss/losses.js";
import type { LoggedValidation } from "./run-records.js";
import type { TrainOptions } from "./train-flags.js";

/** What a model card tells of a run. */
export interface CardFacts {
  options: TrainOptions;
  engine: string;
  classes: { readonly size: number; readonly names: readonly string[] };
  body: ModelBody | undefined;
  data: { kind: string; training: CardImages; validation: CardImages };
  /** Epochs that are done. */
  epochsDone: number;
  best: Best | undefined;
  /** The validation that `best` is of. */
  validation: LoggedValidation | undefined;
}

export interface CardImages {
  images: number;
  /** SHA-256 of the labels, as in config.json. */
  labels: string;
  positives: number;
  negatives: number;
  unannotated: number;
}

/** Class names that the card lists; the checkpoint has all. */
const MOST_NAMES = 100;

/**
 * The page beside the checkpoints of a run: what they are, from which body and labels, how good, under which license.
 * It begins as a model card of the Hugging Face hub does, and has no dates, so that equal runs have equal cards.
 */
export function modelCard(facts: CardFacts): string {
  const { options, classes } = facts;
  return [
    frontMatter(facts),
    `# ${options.modelName} for ${classes.size} classes\n`,
    "Written by `csl train`, which writes this page again whenever it writes a checkpoint.\n",
    ...["## Files\n", files(facts), "## Model\n", model(facts), "## Body\n", body(facts.body, options.seed)],
    ...["## Data\n", data(facts), "## Training\n", training(facts), "## Metrics\n", metrics(facts)],
    ...["## License\n", license(facts.body)],
  ].join("\n");
}

function frontMatter({ body }: CardFacts): string {
  const base = /^hf:([\w.-]+\/[\w.-]+)/.exec(body?.name ?? "")?.[1] ?? hubRepository(body?.source);
  const lines = [
    "library_name: csl",
    "pipeline_tag: image-classification",
    "tags: [multi-label, partial-labels]",
  ];
  return `---\n${[...lines, ...(base ? [`base_model: ${base}`] : [])].join("\n")}\n---\n`;
}

function hubRepository(source = ""): string | undefined {
  return /\/([\w.-]+\/[\w.-]+)\/resolve\//.exec(source)?.[1];
}

function files({ options, epochsDone, best }: CardFacts): string {
  const state = `the weights and the optimizer after ${epochsDone} of ${options.epochs} epochs, to continue from`;
  return list([
    ["best.safetensors", best ? `the ${weightsName(best)} of epoch ${best.epoch + 1}` : "not written yet"],
    ["last.safetensors", state],
  ]);
}

function model({ options, classes }: CardFacts): string {
  const names = classes.names.slice(0, MOST_NAMES).map(plain).join(", ");
  return list([
    ["Network", `${options.modelName}, ${options.head} head${decoder(options, classes.size)}`],
    [
      "Input",
      `RGB in [0, 1], resized to ${options.imageSize} × ${options.imageSize} without keeping the shape, no mean or deviation taken off`,
    ],
    ["Output", `a logit per class; its sigmoid is the score`],
    [
      "Classes",
      `${names}${classes.size > MOST_NAMES ? `, … (${classes.size} in all)` : ""}; ids and order are in the files`,
    ],
  ]);
}

/** Sizes of an ML-Decoder, in brackets. */
function decoder(
  { head, decoderEmbedding, numOfGroups, classEmbeddings }: TrainOptions,
  classes: number,
): string {
  if (head !== "ml-decoder") return "";
  const queries =
    classEmbeddings === undefined
      ? `${Math.min(numOfGroups ?? 100, classes)} queries`
      : `a query per class from the embeddings ${plain(basename(classEmbeddings))}`;
  return ` (width ${decoderEmbedding}, ${queries})`;
}

function body(of: ModelBody | undefined, seed: number): string {
  if (!of) return `Random weights, seed ${seed}.\n`;
  const { name, source, commit, sha256, license: terms, body: from } = of;
  const rows: [string, string][] = [
    ["Name", plain(name)],
    ...(source === undefined ? [] : [["Source", source] as [string, string]]),
    ...(commit === undefined ? [] : [["Commit", commit] as [string, string]]),
    ["SHA-256", sha256],
    ["License", terms ?? "not known"],
  ];
  return list(rows) + (from ? `\nIt was itself started from:\n\n${body(from, seed)}` : "");
}

function data({ options, data: { kind, training: train, validation } }: CardFacts): string {
  const { simulatePartialType: scheme, simulatePartialParam: parameter, labels, seed } = options;
  const dropped =
    labels !== undefined
      ? "saved labels (`--labels`)"
      : scheme
        ? `simulated: ${scheme} ${parameter}, seed ${seed}`
        : "as the files say";
  return `${list([
    ["Kind", kind],
    ["Training labels", dropped],
  ])}
| split | images | positives | negatives | un-annotated | SHA-256 of the labels |
| --- | --- | --- | --- | --- | --- |
${row("train", train)}
${row(plain(options.valSplit), validation)}
`;
}

function row(name: string, { images, positives, negatives, unannotated, labels }: CardImages): string {
  return `| ${[name, images, positives, negatives, unannotated, labels].join(" | ")} |`;
}

function training({ options, engine }: CardFacts): string {
  const { loss, partialLossMode, gammaPos, gammaNeg, gammaUnann, alphaPos, alphaNeg, alphaUnann, clip } =
    options;
  const selective = `; top-k ${options.likelihoodTopk} per ${options.topkScope}, prior threshold ${options.priorThreshold}${options.priorPath ? "" : ", no prior"}`;
  const others = optionsOfLoss(options).map(([flag, value]) => `${flag.replace(`${loss}-`, "")} ${value}`);
  return list([
    [
      "Loss",
      loss !== "csl"
        ? [`${loss} (${losses[loss].source})`, ...others].join(", ")
        : `${partialLossMode}; gamma ${gammaPos}, ${gammaNeg}, ${gammaUnann}, alpha ${alphaPos}, ${alphaNeg}, ${alphaUnann} ` +
          `(positive, negative, un-annotated), clip ${clip}${partialLossMode === "selective" ? selective : ""}`,
    ],
    [
      "Schedule",
      `${options.epochs} ${options.epochs === 1 ? "epoch" : "epochs"}, batches of ${options.batchSize} × ${options.accumulate}, one cycle up to ${options.lr}, ` +
        `${options.decoupled ? "decoupled " : ""}weight decay ${options.weightDecay}, averages ${options.emaDecay}`,
    ],
    ["Augmentation", options.augment],
    ["Engine", `${engine}, ${options.precision}`],
    ["Seed", String(options.seed)],
  ]);
}

function metrics({ options, best, validation }: CardFacts): string {
  const scores = (best?.weights === "ema" ? validation?.ema : validation?.raw) as Partial<Scores> | undefined;
  if (!best || scores?.mapC === undefined || scores.mapO === undefined) return "No validation yet.\n";
  const { chance } = scores;
  return `On the split \`${options.valSplit}\`, over annotated entries only, with the ${weightsName(best)} of epoch ${best.epoch + 1}:

| metric | value | random scores |
| --- | --- | --- |
| mAP(C) | ${percent(scores.mapC)} | ${chance ? percent(chance.mapC) : ""} |
| mAP(O) | ${percent(scores.mapO)} | ${chance ? percent(chance.mapO) : ""} |

The epoch was chosen on the same split, so the values are a little too high.
`;
}

type Scores = { mapC: number; mapO: number; chance?: { mapC: number; mapO: number } };

function license(of: ModelBody | undefined): string {
  const terms: string[] = [];
  for (let at = of; at; at = at.body) terms.push(`${plain(at.name)}: ${at.license ?? "not known"}`);
  const own =
    "The license of these weights is for you to name. The images and labels have licenses of their own.";
  return terms.length > 0
    ? `${own} Those of the body:\n\n${terms.map((term) => `- ${term}`).join("\n")}\n`
    : `${own}\n`;
}

function weightsName({ weights }: Best): string {
  return weights === "ema" ? "averaged weights" : "raw weights";
}

function list(rows: readonly (readonly [name: string, text: string])[]): string {
  return `${rows.map(([name, text]) => `- ${name}: ${text}`).join("\n")}\n`;
}

/** A name as text of Markdown. */
function plain(name: string): string {
  return name.replace(/[\\`*_[\]<>|#]/g, "\\$&").replace(/\s+/g, " ");
}
