import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { CslError } from "@csl/internal/errors/csl-error";
import parseExr from "parse-exr";
import { once } from "../once.js";
import { type RadianceMap, repairTexels } from "./repair-texels.js";

/** A photographed panorama (equirectangular: 360° wide, 180° high), as display RGB bytes. */
export interface Panorama {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The CC0 panorama photographs of @pmndrs/assets. The last three of the list are held back for the ood split. */
export const panoramaNames: Readonly<Record<"training" | "heldBack", readonly string[]>> = {
  training: [
    "apartment",
    "bridge",
    "city",
    "dawn",
    "esplanade",
    "forest",
    "hall",
    "lab",
    "lobby",
    "night",
    "park",
    "sky",
    "studio",
    "sunrise",
    "sunset",
  ],
  heldBack: ["venice", "warehouse", "workshop"],
};

const require = createRequire(import.meta.url);
const floatSamples = 1015;
const cache = new Map<string, Promise<Panorama>>();

/** One panorama, decoded, repaired and tone mapped once a process. */
export function panorama(name: string): Promise<Panorama> {
  return once(cache, name, async () => {
    const map = await readRadianceMap(name);
    return { name, width: map.width, height: map.height, data: toneMap(repairTexels(map)) };
  });
}

/** The photograph's linear light as the package stores it, broken texels included; top row first. */
export async function readRadianceMap(name: string): Promise<RadianceMap> {
  // The module's only content is a data URL: reading it as text keeps its 200 kB out of the module cache.
  const text = await readFile(require.resolve(`@pmndrs/assets/hdri/${name}.exr.js`), "latin1");
  const base64 = /base64,([A-Za-z0-9+/=]+)/.exec(text)?.[1];
  if (!base64)
    throw new CslError(
      "invalid-file",
      `panorama: expected a data URL in @pmndrs/assets/hdri/${name}.exr.js, got other text.`,
    );
  const exr = Uint8Array.from(Buffer.from(base64, "base64")).buffer; // parseExr wants a buffer of exactly that size
  const { width, height, data } = parseExr(exr, floatSamples);
  const flipped = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((height - 1 - y) * width + x) * 4;
      const to = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) flipped[to + c] = data[from + c]!;
    }
  }
  return { width, height, data: flipped };
}

/**
 * Linear light to display bytes: exposure to a mean of 0.35, Reinhard's curve stretched so that white is reached
 * at 2.86, display gamma 2.2. The mean counts a texel as 4 at most, so that the sun does not darken the rest.
 *
 * @returns RGB bytes, row-major, of the same width and height.
 */
export function toneMap({ data }: RadianceMap): Uint8Array {
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) sum += Math.min(4, (data[i]! + data[i + 1]! + data[i + 2]!) / 3);
  const exposure = 0.35 / (sum / (data.length / 3));
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const light = Math.max(0, data[i]!) * exposure;
    const display = 255 * ((light / (1 + light)) * 1.35) ** (1 / 2.2);
    bytes[i] = Math.min(255, display); // truncates, as clip() to a byte does
  }
  return bytes;
}
