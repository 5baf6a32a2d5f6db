import { CslError } from "@csl/internal/errors/csl-error";
import sharp from "sharp";

/** A rasterised drawing, cut to its visible part, at several resolutions (a mip chain, so small copies do not alias). */
export interface Sprite {
  /** Level k is the image shrunk 2^k times: square, premultiplied RGBA bytes, `side` texels wide. */
  readonly levels: readonly { readonly side: number; readonly data: Uint8Array }[];
  /** Position of the drawing in level 0: a square from (origin, origin), `extent` texels wide. */
  readonly origin: number;
  readonly extent: number;
}

const numLevels = 4;
/** Alpha below this does not count as part of the drawing when it is cut out. */
const visibleAlpha = 16;

/** Rasterises an SVG document or image file to fit a square of `resolution` texels and builds its mip chain. */
export async function rasterise(source: Buffer, resolution: number): Promise<Sprite> {
  const { density, isVector } = await vectorDensity(source, resolution);
  const { data, info } = await sharp(source, isVector ? { density } : {})
    .resize(resolution, resolution, { fit: "contain", background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return toSprite(data, info.width, info.height);
}

/** SVG is drawn at the density that gives at least `resolution` pixels, so that sharp only ever shrinks. */
async function vectorDensity(
  source: Buffer,
  resolution: number,
): Promise<{ density: number; isVector: boolean }> {
  const isVector = source[0] === 0x3c; // "<"
  if (!isVector) return { density: 72, isVector };
  const box = /viewBox="([^"]+)"/
    .exec(source.toString("latin1", 0, 400))?.[1]
    ?.split(" ")
    .map(Number);
  const side = Math.max(box?.[2] ?? 128, box?.[3] ?? 128);
  return { density: Math.max(1, (72 * resolution) / side), isVector };
}

/** Cuts the visible square out of straight RGBA bytes, premultiplies it and halves it three times. */
export function toSprite(rgba: Uint8Array, width: number, height: number): Sprite {
  const box = visibleBox(rgba, width, height);
  const extent = Math.max(box.right - box.left, box.bottom - box.top);
  const unit = 2 ** (numLevels - 1);
  const side = unit * Math.ceil((extent + 4) / unit); // at least two clear texels around, halves exactly
  const origin = Math.floor((side - extent) / 2);
  const shiftX = origin + Math.floor((extent - (box.right - box.left)) / 2) - box.left;
  const shiftY = origin + Math.floor((extent - (box.bottom - box.top)) / 2) - box.top;
  const data = new Uint8Array(side * side * 4);
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      const from = (y * width + x) * 4;
      const to = ((y + shiftY) * side + x + shiftX) * 4;
      const alpha = rgba[from + 3]!;
      for (let c = 0; c < 3; c++) data[to + c] = Math.round((rgba[from + c]! * alpha) / 255);
      data[to + 3] = alpha;
    }
  }
  const levels: { side: number; data: Uint8Array }[] = [{ side, data }];
  while (levels.length < numLevels) levels.push(halve(levels.at(-1)!));
  return { levels, origin, extent };
}

function visibleBox(rgba: Uint8Array, width: number, height: number) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (rgba[(y * width + x) * 4 + 3]! < visibleAlpha) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y + 1);
    }
  }
  if (box.right === 0)
    throw new CslError(
      "invalid-file",
      "toSprite: expected a drawing with visible pixels, got an empty image.",
    );
  return box;
}

function halve({ side, data }: { side: number; data: Uint8Array }): { side: number; data: Uint8Array } {
  const half = side / 2;
  const out = new Uint8Array(half * half * 4);
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      const from = (2 * y * side + 2 * x) * 4;
      for (let c = 0; c < 4; c++) {
        const below = from + side * 4 + c;
        out[(y * half + x) * 4 + c] =
          (data[from + c]! + data[from + 4 + c]! + data[below]! + data[below + 4]! + 2) >> 2;
      }
    }
  }
  return { side: half, data: out };
}
