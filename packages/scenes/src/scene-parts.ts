import { drawingSets } from "./drawings/drawing-sets.js";
import { type SceneClass, sceneClasses } from "./drawings/scene-classes.js";
import { panoramaNames } from "./painting/panorama.js";

/** Which classes, styles and backgrounds a set is drawn from; `train` and `val` alike. The ood split has its own. */
export interface ScenePart {
  /** Most frequent first. */
  readonly classes: readonly SceneClass[];
  /** Names of classes that no drawing may show, not even beside its own class (a surfer is a person too). */
  readonly unseen: readonly string[];
  /** Names of `drawingSets`. */
  readonly styles: readonly string[];
  /** Names of panoramas. */
  readonly backgrounds: readonly string[];
}

export type ScenePartName = "all" | "pretraining" | "fine-tuning";

/** Classes that nearly all styles draw and that are easy to tell apart at 64 px: the ones to fine-tune on. */
const fineTuningClasses = sceneClasses.slice(0, 20);
/** Every drawing of these shows a person, which is a class to fine-tune on. */
const withPerson = ["surfboard", "snowboard"];
const pretrainingClasses = sceneClasses.filter(
  (c) => !fineTuningClasses.includes(c) && !withPerson.includes(c.name),
);
const pretrainingStyles = ["fluent-emoji-flat", "emojione"];
const pretrainingBackgrounds = ["bridge", "esplanade", "lab", "night", "sky", "sunrise"];

const styles = drawingSets.filter(({ heldBack }) => !heldBack).map(({ name }) => name);
const backgrounds = panoramaNames.training;
const without = (all: readonly string[], some: readonly string[]): string[] =>
  all.filter((name) => !some.includes(name));

/**
 * `pretraining` and `fine-tuning` share no class, no style and no background, so that a body trained on the one has
 * seen nothing of the other. Neither shares a style or a background with the ood split.
 */
export const sceneParts: Readonly<Record<ScenePartName, ScenePart>> = {
  all: { classes: sceneClasses, unseen: [], styles, backgrounds },
  pretraining: {
    classes: pretrainingClasses,
    unseen: fineTuningClasses.map(({ name }) => name),
    styles: pretrainingStyles,
    backgrounds: pretrainingBackgrounds,
  },
  "fine-tuning": {
    classes: fineTuningClasses,
    unseen: pretrainingClasses.map(({ name }) => name),
    styles: without(styles, pretrainingStyles),
    backgrounds: without(backgrounds, pretrainingBackgrounds),
  },
};
