import { resampleColumns, resampleRows } from "./resample-plain.js";
import { type Filter, resampleTable } from "./resample-table.js";

/**
 * Resizes RGB samples exactly as Pillow does, in plain TypeScript: where there are no kernels, for huge images, and to check the
 * kernels.
 *
 * @returns `data` itself when the size does not change
 */
export function resample(
  { data, width: fromWidth, height: fromHeight }: { data: Uint8Array; width: number; height: number },
  { width, height, filter }: { width: number; height: number; filter: Filter },
): Uint8Array {
  let samples = data;
  // Horizontal first, into 8 bits; a pass whose size does not change is skipped, as in Pillow.
  if (width !== fromWidth)
    samples = resampleRows(samples, fromWidth, fromHeight, resampleTable(fromWidth, width, filter));
  if (height !== fromHeight)
    samples = resampleColumns(samples, width, resampleTable(fromHeight, height, filter));
  return samples;
}
