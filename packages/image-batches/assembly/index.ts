export { blend } from "./blend";
export { colourRows, greyRows } from "./colour";
export { buildTable, tableBytes } from "./huffman";
export { beginScan, endScan, scanRow, units } from "./jpeg-scan";
export { countLevels, invertAbove, mapLevels, sumLuma, toGrey } from "./levels";
export { resampleColumns, resampleRows } from "./resample";
export { rotate } from "./rotate";
export { shearX, shearY } from "./shear";
export { smooth } from "./smooth";
export { unitFloats } from "./unit-floats";

/** First byte that no constant of this module occupies. */
export function memoryBase(): usize {
  return __heap_base;
}
