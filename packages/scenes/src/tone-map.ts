import type { RadianceMap } from "./repair-texels.js";

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
