import { type LabelTable, writeFileAtomically } from "@csl/labels";
import { type FrequencyPictureOptions, frequencyPicture } from "./frequency-picture.js";

/**
 * Writes the picture of `frequencyPicture` as SVG when `path` ends in .svg, else as PNG at twice its size. The PNG's
 * texts need a font on the machine (any; bare containers have none); the SVG brings its own request to the viewer.
 */
export async function saveFrequencyPicture(
  path: string,
  before: LabelTable,
  after: LabelTable,
  options: FrequencyPictureOptions = {},
): Promise<void> {
  const svg = frequencyPicture(before, after, options);
  const speaker = "saveFrequencyPicture";
  if (path.toLowerCase().endsWith(".svg")) return writeFileAtomically(path, svg, speaker);
  const { default: sharp } = await import("sharp");
  await writeFileAtomically(path, await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer(), speaker);
}
