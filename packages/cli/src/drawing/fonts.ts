import { createRequire } from "node:module";
import sharp from "sharp";

const require = createRequire(import.meta.url);
let registered: Promise<unknown> | undefined;

/** The font family that `registerFonts` provides. */
export const fontFamily = "DejaVu Sans";

/**
 * Makes DejaVu Sans, regular and bold, available to the `<text>` of SVG images on a machine without any fonts (a small
 * container has none, and text would come out as boxes). sharp gives the file of a `text` image to fontconfig, which
 * keeps it for the whole process and which SVG is rendered with as well.
 */
export function registerFonts(): Promise<unknown> {
  registered ??= Promise.all(
    ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => {
      const fontfile = require.resolve(`dejavu-fonts-ttf/ttf/${name}`);
      return sharp({ text: { text: "font", font: fontFamily, fontfile } }).toBuffer();
    }),
  );
  return registered;
}
