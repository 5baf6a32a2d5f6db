import { drawScenes } from "@csl/scenes";
import type { Context } from "../context.js";
import type { Flag } from "../flags/flag.js";
import { progressLine } from "../terminal/progress-line.js";

export const scenesFlags: readonly Flag[] = [
  ["--size <number>", "side of the square images", 64],
  ["--train <number>", "training images", 4000],
  ["--val <number>", "validation images: the same styles and backgrounds", 1000],
  ["--ood <number>", "images in styles and on backgrounds that training never shows", 500],
  ["--classes <number>", "the most frequent classes to draw", 20],
  ["--seed <number>", "seed of the drawing", 1],
  ["-q, --quiet", "print results only", false],
];

interface ScenesOptions {
  size: number;
  train: number;
  val: number;
  ood: number;
  classes: number;
  seed: number;
}

/** `csl scenes FOLDER`: draws the embedded image set as a COCO-like folder. */
export async function scenesCommand(
  folder: string,
  options: ScenesOptions,
  { terminal }: Context,
): Promise<void> {
  const { size, train, val, ood, classes, seed } = options;
  const started = Date.now();
  const set = await drawScenes({
    folder,
    size,
    train,
    val,
    ood,
    classes,
    seed,
    onProgress: (done, total) => {
      const seconds = (Date.now() - started) / 1000;
      const rate = done / seconds;
      terminal.status(
        progressLine(
          { label: "draw scenes", done, total, unit: "images", rate, secondsLeft: (total - done) / rate },
          { columns: terminal.columns },
        ),
      );
    },
  });
  terminal.endStatus();
  const counts = Object.entries(set.splits).map(([name, { count }]) => `${count} ${name}`);
  terminal.print(
    `${set.reused ? "found" : "drew"} ${counts.join(", ")} images of ${set.classes.length} classes: ${folder}`,
  );
}
