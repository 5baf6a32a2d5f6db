import { describe, expect, it } from "vitest";
import { drawingSets } from "./drawings/drawing-sets.js";
import { spriteLibrary } from "./drawings/sprite-library.js";
import { panoramaNames } from "./painting/panorama.js";
import { sceneParts } from "./scene-parts.js";

const { pretraining, "fine-tuning": fineTuning } = sceneParts;
const heldBackStyles = drawingSets.filter(({ heldBack }) => heldBack).map(({ name }) => name);
const names = (part: typeof pretraining) => part.classes.map(({ name }) => name);
const shared = (a: readonly string[], b: readonly string[]) => a.filter((name) => b.includes(name));

describe("the parts of the scenes", () => {
  it("share no class, style or background, nor a style or background with the ood split", () => {
    expect(shared(names(pretraining), names(fineTuning))).toEqual([]);
    expect(shared(pretraining.styles, [...fineTuning.styles, ...heldBackStyles])).toEqual([]);
    expect(shared(fineTuning.styles, heldBackStyles)).toEqual([]);
    expect(shared(pretraining.backgrounds, [...fineTuning.backgrounds, ...panoramaNames.heldBack])).toEqual(
      [],
    );
    expect(shared(fineTuning.backgrounds, panoramaNames.heldBack)).toEqual([]);
  });

  it("hold all styles, all backgrounds, and 20 + 45 of the 67 classes: two show only people", () => {
    expect(pretraining.styles.length + fineTuning.styles.length).toBe(5);
    expect(pretraining.backgrounds.length + fineTuning.backgrounds.length).toBe(15);
    expect([names(fineTuning).length, names(pretraining).length]).toEqual([20, 45]);
  });

  it.each(Object.entries({ pretraining, fineTuning }))(
    "%s: every class is drawn, none shows the other part's",
    async (_, part) => {
      for (const styles of [part.styles, heldBackStyles]) {
        const library = await spriteLibrary(sceneParts.all.classes, {
          styles,
          unseen: part.unseen,
          resolution: 64,
        });
        const drawn = library.flatMap((ofClass, i) =>
          ofClass.length > 0 ? [sceneParts.all.classes[i]!.name] : [],
        );
        for (const name of names(part)) expect(drawn).toContain(name);
        for (const [i, ofClass] of library.entries()) {
          if (!names(part).includes(sceneParts.all.classes[i]!.name)) continue;
          for (const { alsoShows } of ofClass.flat()) {
            const shown = alsoShows.map((position) => sceneParts.all.classes[position]!.name);
            expect(shared(shown, part.unseen)).toEqual([]);
          }
        }
      }
    },
  );
});
