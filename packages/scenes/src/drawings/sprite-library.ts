import { once } from "../once.js";
import { type DrawingSet, drawingSets } from "./drawing-sets.js";
import { type Drawing, findDrawings } from "./find-drawings.js";
import { type SceneClass, sceneClasses } from "./scene-classes.js";
import { rasterise, type Sprite } from "./sprite.js";

/** A drawing ready to be painted. `alsoShows` holds class positions, and only those of the classes in use. */
export interface SpriteDrawing {
  readonly set: string;
  readonly icon: string;
  readonly alsoShows: readonly number[];
  readonly sprite: Sprite;
}

/** For each class (by position), the styles that draw it and the drawings of each style. */
export type SpriteLibrary = readonly (readonly (readonly SpriteDrawing[])[])[];

const sprites = new Map<string, Promise<Sprite>>();
const drawingsOfSet = new Map<string, Promise<Drawing[]>>();

/**
 * Drawings of `classes` in these styles (names of `drawingSets`), without those that show an `unseen` class;
 * rasterised once a process.
 */
export async function spriteLibrary(
  classes: readonly SceneClass[],
  {
    styles: names,
    unseen,
    resolution,
  }: { styles: readonly string[]; unseen: readonly string[]; resolution: number },
): Promise<SpriteLibrary> {
  const sets = drawingSets.filter(({ name }) => names.includes(name));
  const wanted = new Set(classes.map(({ name }) => name));
  const all = (await Promise.all(sets.map(cachedDrawings))).flat();
  const drawings = all.filter(
    ({ class: name, alsoShows }) => wanted.has(name) && !alsoShows.some((shown) => unseen.includes(shown)),
  );
  const rasterised = await Promise.all(drawings.map((drawing) => cachedSprite(drawing, resolution)));
  return classes.map(({ name }) => {
    const styles = sets.map((set) =>
      drawings.flatMap((drawing, i) =>
        drawing.class === name && drawing.set === set.name
          ? [toSpriteDrawing(drawing, rasterised[i]!, classes)]
          : [],
      ),
    );
    return styles.filter((style) => style.length > 0);
  });
}

function toSpriteDrawing(drawing: Drawing, sprite: Sprite, classes: readonly SceneClass[]): SpriteDrawing {
  const positions = drawing.alsoShows.map((name) => classes.findIndex((c) => c.name === name));
  return { set: drawing.set, icon: drawing.icon, alsoShows: positions.filter((p) => p >= 0), sprite };
}

/** An icon set's file is up to 25 MB of JSON, of which 0.4 MB are kept. */
function cachedDrawings(set: DrawingSet): Promise<Drawing[]> {
  return once(drawingsOfSet, set.name, () => findDrawings(set, sceneClasses));
}

function cachedSprite({ set, icon, source }: Drawing, resolution: number): Promise<Sprite> {
  return once(sprites, `${set}/${icon}/${resolution}`, () => rasterise(source, resolution));
}
