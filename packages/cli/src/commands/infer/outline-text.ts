import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import opentype from "opentype.js";

const require = createRequire(import.meta.url);
const fonts = new Map<Weight, opentype.Font>();
type Weight = 400 | 700;

/**
 * Text as an SVG path, glyph by glyph, so that an image looks the same on a machine without any installed font
 * (a slim container has none, and SVG text would come out blank).
 *
 * @param x left edge; @param y baseline; both in the SVG's units, like `size`.
 */
export function outlineText(
  text: string,
  x: number,
  y: number,
  { size = 16, fill = "#000", weight = 400 }: { size?: number; fill?: string; weight?: Weight } = {},
): string {
  const font = loadFont(weight);
  const scale = size / font.unitsPerEm;
  let pen = x;
  let path = "";
  for (const character of text) {
    const glyph = font.charToGlyph(character);
    path += glyph.getPath(pen, y, size).toPathData(1);
    pen += (glyph.advanceWidth ?? 0) * scale;
  }
  return `<path fill="${fill}" d="${path}"/>`;
}

/** The width that `outlineText` takes, in the same units as `size`. */
export function textWidth(
  text: string,
  { size = 16, weight = 400 }: { size?: number; weight?: Weight } = {},
): number {
  const font = loadFont(weight);
  let units = 0;
  for (const character of text) units += font.charToGlyph(character).advanceWidth ?? 0;
  return (units * size) / font.unitsPerEm;
}

function loadFont(weight: Weight): opentype.Font {
  let font = fonts.get(weight);
  if (!font) {
    const bytes = readFileSync(
      require.resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff`),
    );
    font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    fonts.set(weight, font);
  }
  return font;
}
