import type { Plan } from "./plan.js";

interface Scores {
  mapC: number;
  mapO: number;
  chance: number;
}

export interface ModeResult {
  name: string;
  val: Scores;
  ood: Scores;
}

interface PriorFile {
  ids: string[];
  names?: string[];
  values: number[];
}

/** The comparison as aligned text, for the terminal. */
export function formatTable(results: readonly ModeResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const chance = results[0]!.val.chance;
  const number = (value: number): string => value.toFixed(2).padStart(7);
  return [
    `${"".padEnd(width)}   new pictures      unseen styles`,
    `${"".padEnd(width)}   mAP(C)  mAP(O)    mAP(C)  mAP(O)`,
    ...results.map(
      ({ name, val, ood }) =>
        `${name.padEnd(width)}  ${number(val.mapC)} ${number(val.mapO)}   ${number(ood.mapC)} ${number(ood.mapO)}`,
    ),
    `${"chance".padEnd(width)}  ${number(chance)}           ${number(results[0]!.ood.chance)}`,
  ].join("\n");
}

/** The run as a page of Markdown. */
export function formatReport({ plan, results, prior, seconds }: { plan: Plan; results: readonly ModeResult[]; prior: PriorFile; seconds: number }): string {
  const top = prior.values
    .map((value, i) => ({ value, name: prior.names?.[i] ?? prior.ids[i]! }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 10);
  return `# Quick start: Class-aware Selective Loss on drawn scenes

${plan.train} training pictures, each label dropped with probability ${plan.dropRate}; ${plan.epochs} epochs per model,
the same budget for each; ${Math.round(seconds)} seconds in all.

| un-annotated labels | mAP(C) | mAP(O) | mAP(C), unseen styles | mAP(O), unseen styles |
|---|---|---|---|---|
${results.map(({ name, val, ood }) => `| ${name} | ${[val.mapC, val.mapO, ood.mapC, ood.mapO].map((v) => v.toFixed(2)).join(" | ")} |`).join("\n")}
| chance | ${results[0]!.val.chance.toFixed(2)} | | ${results[0]!.ood.chance.toFixed(2)} | |

Chance is the mean share of positives over the classes: what random scores would reach. A single short run on few
pictures: differences of a point or two between the modes are noise.

## The class prior

The ten classes that the temporary model expects most often:

| class | prior |
|---|---|
${top.map(({ name, value }) => `| ${name} | ${value.toFixed(3)} |`).join("\n")}

## Tags

![A held-out picture and its tags](tags/000007.png)

## Files

- \`labels/\`: the thinned-out labels with seed and hash, and \`class-frequencies.png\`
- \`ignore/\`, \`csl/\`, \`negative/\`: checkpoints (safetensors), \`log.jsonl\`, \`config.json\`, \`result.json\`
- \`prior.json\`: the class prior
- \`tags/\`: the annotated picture and \`tags.json\`
`;
}
