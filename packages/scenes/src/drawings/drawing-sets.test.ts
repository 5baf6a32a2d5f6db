import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { drawingSets } from "./drawing-sets.js";
import { findDrawings } from "./find-drawings.js";
import { sceneClasses } from "./scene-classes.js";

const packageFolder = join(import.meta.dirname, "../..");

describe("drawing sets", () => {
  it("are dependencies in the version they were looked at, and credited in NOTICE", async () => {
    const { dependencies } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const notice = await readFile(join(packageFolder, "NOTICE"), "utf8");
    for (const set of drawingSets) {
      expect(dependencies[set.package]).toBe(set.version);
      expect(notice).toContain(`${set.package} ${set.version}, ${set.licence}`);
      expect(notice).toContain(`${set.author}, ${set.source}`);
    }
    expect(notice).toContain(`@pmndrs/assets ${dependencies["@pmndrs/assets"]}`);
  });

  it("carry no share-alike licence", () => {
    for (const { licence } of drawingSets) expect(licence).not.toMatch(/SA|GPL/);
  });

  // Counted by hand over the sets (67 classes, 107 icons), less the drawings of the `avoid` table.
  it.each([
    ["noto", 107, 67],
    ["noto-v1", 88, 56], // not the laptop: a desktop computer
    ["fluent-emoji-flat", 107, 67],
    ["fxemoji", 53, 38], // not the keyboard: a piano
    ["emojione", 89, 57],
    ["twemoji", 106, 66], // not the tennis racket: a ball
    ["fluent-3d", 107, 67],
  ])("%s draws %i images of %i classes", async (name, drawings, classes) => {
    const found = await findDrawings(drawingSets.find((set) => set.name === name)!, sceneClasses);
    expect(found).toHaveLength(drawings);
    expect(new Set(found.map((drawing) => drawing.class)).size).toBe(classes);
  });

  it("leave every class at least two styles for training and one held back", async () => {
    const found = await Promise.all(drawingSets.map((set) => findDrawings(set, sceneClasses)));
    for (const { name } of sceneClasses) {
      const styles = drawingSets.filter((_, i) => found[i]!.some((drawing) => drawing.class === name));
      expect(styles.filter((set) => !set.heldBack).length, name).toBeGreaterThanOrEqual(2);
      expect(styles.filter((set) => set.heldBack).length, name).toBeGreaterThanOrEqual(1);
    }
  });

  it("say which drawings show a second class", async () => {
    const noto = await findDrawings(drawingSets[0]!, sceneClasses);
    const also = Object.fromEntries(
      noto.filter((d) => d.alsoShows.length > 0).map((d) => [d.icon, d.alsoShows]),
    );
    expect(also).toEqual({
      "person-surfing": ["person"],
      snowboarder: ["person"],
      tennis: ["sports ball"],
      "fork-and-knife": ["knife"],
      "bowl-with-spoon": ["spoon"],
    });
  });
});
