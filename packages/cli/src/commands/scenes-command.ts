import { type Context, defineCommand } from "../flags/command.js";
import { choice, integer, number, type OptionsOf } from "../flags/flag.js";
import { loadScenes } from "../models/scenes-package.js";
import { startProgress } from "../terminal/progress.js";

const scenesFlags = {
  Images: {
    size: integer("side of the square images", { default: 64, from: 1, to: 4096 }),
    train: integer("training images", { default: 4000, from: 0 }),
    val: integer("validation images: the same styles and backgrounds", { default: 1000, from: 0 }),
    ood: integer("images in styles and on backgrounds that training never shows", { default: 500, from: 0 }),
    part: choice(
      "which classes, styles and backgrounds; pretraining and fine-tuning share none of them",
      ["all", "pretraining", "fine-tuning"],
      { default: "all" },
    ),
    classes: integer("the most frequent classes to draw", { default: 20, from: 1 }),
    "long-tail": number("exponent of the class frequencies; 0 draws all classes equally often", {
      default: 0.7,
      from: 0,
      to: 5,
    }),
    seed: integer("seed of the drawing", { default: 1, from: 0, to: 2 ** 32 - 1 }),
  },
};

/** `csl scenes FOLDER`: draws the embedded image set as a COCO-like folder. */
export const scenesCommand = defineCommand({
  name: "scenes",
  summary: "draw the embedded image set, every label known, as a COCO folder; needs the package @csl/scenes",
  positional: { name: "folder", many: false },
  flags: scenesFlags,
  run: drawSceneSet,
});

async function drawSceneSet(
  options: OptionsOf<typeof scenesFlags>,
  { terminal, signal }: Context,
  [folder]: readonly string[],
): Promise<void> {
  const { drawScenes } = await loadScenes("csl scenes", "its drawings");
  const { size, train, val, ood, part, classes, longTail, seed } = options;
  const set = await drawScenes({
    folder: folder!,
    size,
    train,
    val,
    ood,
    part,
    classes,
    longTail,
    seed,
    signal,
    onProgress: startProgress(terminal, { label: "draw scenes", unit: "images" }),
  });
  terminal.endStatus();
  const counts = Object.entries(set.splits).map(([name, { count }]) => `${count} ${name}`);
  terminal.print(
    `${set.reused ? "found" : "drew"} ${counts.join(", ")} images of ${set.classes.length} classes: ${folder}`,
  );
}
