import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import sharp from "sharp";
import { fileName, imageId, type SceneSet, type SplitName } from "./scene-set.js";

export interface ContactSheetOptions {
  /** Images shown, from the first of the split on. Default 48, or all if there are fewer. */
  count?: number;
  /** Default 8. */
  columns?: number;
  /** Side of one image on the sheet in pixels; enlarged without smoothing. Default 128. */
  tile?: number;
}

/** The first images of a split on one sheet. @returns PNG bytes. @throws CslError `invalid-argument`. */
export async function drawContactSheet(
  set: SceneSet,
  split: SplitName,
  options: ContactSheetOptions = {},
): Promise<Buffer> {
  checkOptions("drawContactSheet", options, { count: true, columns: true, tile: true });
  const { count = 48, columns = 8, tile = 128 } = options;
  const shown = Math.min(count, set.splits[split].count);
  if (!(shown >= 1 && columns >= 1 && tile >= 8)) {
    throw new CslError(
      "invalid-argument",
      `drawContactSheet: expected count and columns of at least 1, tiles of at least 8 pixels and a split with images; ` +
        `got count ${count}, columns ${columns}, tile ${tile} and ${set.splits[split].count} images in ${split}.`,
    );
  }
  const pitch = tile + 4;
  const tiles = Array.from({ length: shown }, async (_, i) => {
    const file = await readFile(join(set.splits[split].images, fileName(imageId(split, i))));
    const input = await sharp(file).resize(tile, tile, { kernel: "nearest" }).png().toBuffer();
    return { input, left: (i % columns) * pitch + 4, top: Math.floor(i / columns) * pitch + 4 };
  });
  const width = Math.min(columns, shown) * pitch + 4;
  const height = Math.ceil(shown / columns) * pitch + 4;
  return sharp({ create: { width, height, channels: 3, background: "#ffffff" } })
    .composite(await Promise.all(tiles))
    .png()
    .toBuffer();
}
