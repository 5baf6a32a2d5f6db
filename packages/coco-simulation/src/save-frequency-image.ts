import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { LabelTable } from "@csl/labels";
import { type FrequencyImageOptions, frequencyImage } from "./frequency-image.js";

/**
 * Writes the image of `frequencyImage` as SVG or, at twice its size, as PNG: by the ending of `path`. The PNG's
 * texts need a font on the machine (any; bare containers have none); the SVG brings its own request to the viewer.
 *
 * @throws for another ending.
 */
export async function saveFrequencyImage(
  path: string,
  before: LabelTable,
  after: LabelTable,
  options: FrequencyImageOptions = {},
): Promise<void> {
  const svg = frequencyImage(before, after, options);
  const speaker = "saveFrequencyImage";
  if (path.toLowerCase().endsWith(".svg")) return writeFileAtomically(path, svg, speaker);
  if (!path.toLowerCase().endsWith(".png"))
    throw new Error(`${speaker}: expected a path that ends in .svg or .png, got ${JSON.stringify(path)}.`);
  const { default: sharp } = await import("sharp");
  await writeFileAtomically(path, await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer(), speaker);
}
