import { type BlockPlan, planNetwork } from "./plan.js";
import { resolveShape } from "./shape.js";
import { isParameter, stateDictShapes, type TResNetOptions } from "./state-dict-shapes.js";

/** One line per stage: blocks, output [height, width, channels] for a square image, trainable parameters. */
export function summarize(options: TResNetOptions, size: number): string {
  const { variant, numClasses, head = "linear" } = options;
  const plan = planNetwork(resolveShape(variant));
  const shapes = stateDictShapes(options);
  const count = (prefix: string): number =>
    [...shapes]
      .filter(([key]) => key.startsWith(prefix) && isParameter(key))
      .reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);
  let side = Math.ceil(size / 4);
  const map = (channels: number): string => `${side}x${side}x${channels}`;
  const rows: [string, string, string, string][] = [["part", "blocks", "output", "parameters"]];
  const add = (name: string, blocks: string, output: string, prefix: string): void => {
    rows.push([name, blocks, output, count(prefix).toLocaleString("en-US")]);
  };
  add("stem", "space-to-depth, 3x3", map(plan.stem.outChannels), "body.conv1.");
  for (const [index, blocks] of plan.stages.entries()) {
    if (blocks[0]!.stride === 2) side = Math.ceil(side / 2);
    add(`stage ${index + 1}`, describe(blocks), map(blocks[0]!.outChannels), `body.layer${index + 1}.`);
  }
  add("head", head, String(numClasses), "head.");
  add("total", "", "", "");
  const name = typeof variant === "string" ? variant : `custom (width ${variant.width})`;
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join("  "),
  );
  return [`TResNet ${name}, images ${size}x${size}`, ...lines].join("\n");
}

function describe(blocks: readonly BlockPlan[]): string {
  const { kind, squeezeExcite } = blocks[0]!;
  return `${blocks.length} ${kind}${squeezeExcite ? " + SE" : ""}`;
}
