/** Whether `index` is a whole number from 0 to `length` - 1. */
export const isIndex = (index: number, length: number): boolean =>
  Number.isInteger(index) && index >= 0 && index < length;
