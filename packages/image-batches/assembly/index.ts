export { colourRows, greyRows } from "./colour";
export { buildTable, tableBytes } from "./huffman";
export { beginScan, endScan, scanRow, units } from "./jpeg-scan";
export { resampleColumns, resampleRows } from "./resample";

/** First byte that no constant of this module occupies. */
export function memoryBase(): usize {
  return __heap_base;
}
