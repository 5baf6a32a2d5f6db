/** Whether `index` is a position among `length`: 0.5 is none, though it lies between. */
export const isIndex = (index: number, length: number): boolean =>
  Number.isInteger(index) && index >= 0 && index < length;
