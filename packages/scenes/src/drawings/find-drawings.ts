import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { alsoShows, appliesTo, avoid } from "./drawing-exceptions.js";
import type { DrawingSet } from "./drawing-sets.js";
import type { SceneClass } from "./scene-classes.js";

/** An image of one class in one style, not yet rasterised. */
export interface Drawing {
  readonly class: string;
  readonly set: string;
  /** Icon name within its set (svg) or file base name (webp). */
  readonly icon: string;
  /** Names of the further classes that this drawing shows. */
  readonly alsoShows: readonly string[];
  /** The whole image: an SVG document, or the bytes of a WebP file. */
  readonly source: Buffer;
}

interface Icon {
  body: string;
  left?: number;
  top?: number;
  width?: number;
  height?: number;
}
interface IconSet {
  icons: Record<string, Icon>;
  aliases?: Record<string, { parent: string }>;
  width?: number;
  height?: number;
}

const require = createRequire(import.meta.url);

/** All drawings of `classes` in one set, in class order, without those of the `avoid` table. */
export async function findDrawings(set: DrawingSet, classes: readonly SceneClass[]): Promise<Drawing[]> {
  const find = await (set.form === "svg" ? svgFinder(set) : webpFinder(set));
  const drawings: Drawing[] = [];
  for (const { name, icons } of classes) {
    for (const icon of icons) {
      const about = { class: name, set: set.name, codePoint: icon.codePoint };
      if (avoid.some((exception) => appliesTo(exception, about))) continue;
      const found = await find(icon);
      if (!found) continue;
      const also = alsoShows.filter((exception) => appliesTo(exception, about)).flatMap(({ shows }) => shows);
      drawings.push({ class: name, set: set.name, alsoShows: also, ...found });
    }
  }
  return drawings;
}

type Find = (icon: {
  name: string;
  codePoint: string;
}) => Promise<{ icon: string; source: Buffer } | undefined>;

/** Sets spell names differently (`oncoming-automobile`, `oncomingautomobile`): compare letters and digits only. */
async function svgFinder(set: DrawingSet): Promise<Find> {
  const {
    icons,
    aliases = {},
    width = 16,
    height = 16,
  } = JSON.parse(await readFile(require.resolve(`${set.package}/icons.json`), "utf8")) as IconSet;
  const namesByKey = new Map(
    [...Object.keys(aliases), ...Object.keys(icons)].map((name) => [normalizeName(name), name]),
  );
  return async ({ name }) => {
    const icon = namesByKey.get(normalizeName(name));
    if (icon === undefined) return undefined;
    const entry = icons[icon] ?? icons[aliases[icon]!.parent]!;
    const box = [entry.left ?? 0, entry.top ?? 0, entry.width ?? width, entry.height ?? height];
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${box.join(" ")}">${entry.body}</svg>`;
    return { icon, source: Buffer.from(svg) };
  };
}

/** Files are named by code point, some followed by the emoji variation selector fe0f. */
async function webpFinder(set: DrawingSet): Promise<Find> {
  const folder = require.resolve(`${set.package}/package.json`).replace(/package\.json$/, "assets/");
  return async ({ codePoint }) => {
    const icon = [codePoint, `${codePoint}-fe0f`].find((base) => existsSync(`${folder}${base}.webp`));
    return icon === undefined ? undefined : { icon, source: await readFile(`${folder}${icon}.webp`) };
  };
}

function normalizeName(name: string): string {
  return name.replace(/[^a-z0-9]/gi, "").toLowerCase();
}
