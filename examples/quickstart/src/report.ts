import type { Plan } from "./plan.js";

/** What `csl evaluate --json` writes, as far as it is shown here: fractions. */
interface Scores {
  mapC: number;
  mapO: number;
  chance: { mapC: number; mapO: number };
}

export interface ModelResult {
  name: string;
  val: Scores;
  ood: Scores;
}

/** What `csl train` chose, as its config.json has it, by option. */
type Choices = Record<string, { value: number | string; reason: string }>;

/** What `csl estimate-prior --json` writes. */
interface PriorReport {
  rankCorrelation: number | null;
  classes: { name: string; prior: number; trueShare: number }[];
}

const percent = (fraction: number): string => (100 * fraction).toFixed(2);

/** mAP(C) and mAP(O) on both splits, a row per model and one for chance. */
function rows(results: readonly ModelResult[]): { name: string; cells: string[] }[] {
  const cells = (val: { mapC: number; mapO: number }, ood: { mapC: number; mapO: number }): string[] =>
    [val.mapC, val.mapO, ood.mapC, ood.mapO].map(percent);
  const { val, ood } = results[0]!;
  return [
    ...results.map((result) => ({ name: result.name, cells: cells(result.val, result.ood) })),
    { name: "chance", cells: cells(val.chance, ood.chance) },
  ];
}

/** The comparison and what it rests on as text, for the terminal. */
export function formatSummary(
  results: readonly ModelResult[],
  { prior, choices }: { prior: PriorReport; choices: Choices },
): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return [
    `${"".padEnd(width)}    new images      unseen styles`,
    `${"".padEnd(width)}   mAP(C)  mAP(O)    mAP(C)  mAP(O)`,
    ...rows(results).map(
      ({ name, cells: [valC = "", valO = "", oodC = "", oodO = ""] }) =>
        `${name.padEnd(width)}  ${valC.padStart(7)} ${valO.padStart(7)}   ${oodC.padStart(7)} ${oodO.padStart(7)}`,
    ),
    "",
    "The rows say how un-annotated labels count; chance is what random scores would reach. CSL was trained with",
    `what it chose itself: ${chosen(choices)}.`,
    `Rank correlation of the class prior with the true class frequencies: ${correlation(prior)}.`,
  ].join("\n");
}

const optionNames: Record<string, string> = {
  partialLossMode: "mode",
  priorThreshold: "prior threshold",
  likelihoodTopk: "likely entries ignored in an image",
};

const chosen = (choices: Choices): string =>
  Object.entries(choices)
    .map(([option, { value }]) => `${optionNames[option] ?? option} ${value}`)
    .join(", ");

const sentence = (reason: string): string =>
  `${reason[0]!.toUpperCase()}${reason.slice(1)}${reason.endsWith(".") ? "" : "."}`;

const correlation = ({ rankCorrelation }: PriorReport): string => rankCorrelation?.toFixed(2) ?? "none";

interface ReportParts {
  plan: Plan;
  prior: PriorReport;
  choices: Choices;
  /** File names of the tagged images. */
  images: readonly string[];
  seconds: number;
}

/** The run as a page of Markdown. */
export function formatReport(
  results: readonly ModelResult[],
  { plan, prior, choices, images, seconds }: ReportParts,
): string {
  return `# Quick start: Class-aware Selective Loss on drawn scenes

${plan.train} training images, of which ${plan.annotations} per class are annotated as showing it and as many as not showing it;
${plan.epochs} epochs per model, the same budget for each; ${Math.round(seconds)} seconds in all.

| un-annotated labels | mAP(C) | mAP(O) | mAP(C), unseen styles | mAP(O), unseen styles |
|---|---|---|---|---|
${rows(results)
  .map(({ name, cells }) => `| ${name} | ${cells.join(" | ")} |`)
  .join("\n")}

Chance is what random scores would reach: the mean share of positives over the classes, for mAP(O) weighted by them. Another
seed (\`npm start -- --seed 1\`) moves a score by about a point.

Ignore leaves un-annotated entries out of the loss; Negative counts them as absent; CSL ignores those of classes whose prior
is high and those that are likely in their image, and counts the rest as absent. The Ignore model is the temporary model.

## What the method chose

${Object.entries(choices)
  .map(([option, { value, reason }]) => `- ${optionNames[option] ?? option}: ${value}. ${sentence(reason)}`)
  .join("\n")}

## The class prior

Rank correlation of the estimate with the true class frequencies (Spearman): ${correlation(prior)}. The ten
classes that the temporary model expects most often:

| class | prior | true share |
|---|---|---|
${prior.classes
  .slice(0, 10)
  .map(({ name, prior: value, trueShare }) => `| ${name} | ${value.toFixed(3)} | ${trueShare.toFixed(3)} |`)
  .join("\n")}

## Tags

Images that no model has seen, with the tags of the CSL model:

${images.map((name) => `![${name} and its tags](tags/${name.replace(/\.\w+$/, ".png")})`).join("\n\n")}

## Files

- \`labels/\`: the thinned-out labels with seed and hash, and \`class-frequencies.png\`
- \`run/\`: what \`csl run\` leaves: \`temporary/\`, \`csl/\` and \`negative/\` with checkpoints (safetensors), \`log.jsonl\`,
  \`config.json\` and \`result.json\`, the class prior \`prior.json\`, and \`run.json\` with the settings of every step
- \`tags/\`: the annotated images and \`tags.json\`
`;
}
