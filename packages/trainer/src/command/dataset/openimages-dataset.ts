import type { SplitFiles } from "./dataset.js";
import type { ReadOptions } from "./read-options.js";

export async function readOpenImagesSplit(
  folder: string,
  split: string,
  _: ReadOptions,
): Promise<SplitFiles> {
  throw new Error(`csl: no OpenImages reader yet for ${split} in ${folder}`);
}
