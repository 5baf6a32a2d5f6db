import { readTensors } from "./safetensors.js";
import type { Best } from "./training-state.js";

/**
 * Which validation a `best` checkpoint is of, without reading a tensor; undefined where the file does not say it.
 *
 * @throws CslError `not-found`, `cannot-read`, `invalid-file`.
 */
export async function readBest(path: string): Promise<Best | undefined> {
  const { metadata } = await readTensors("readBest", path, { wanted: () => false });
  try {
    return metadata.best === undefined ? undefined : (JSON.parse(metadata.best) as Best);
  } catch {
    return undefined; // another program's
  }
}
