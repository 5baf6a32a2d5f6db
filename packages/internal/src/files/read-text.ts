import { readFile } from "node:fs/promises";
import { decodeText } from "../text/decode-text.js";

/**
 * The text of a small file (a class list, thresholds, a configuration), UTF-8 or UTF-16. Large ones: `readTextBlocks`.
 *
 * @throws what the system throws when the file cannot be read; CslError `invalid-file` for another encoding, without the
 *   file's name.
 */
export async function readText(path: string): Promise<string> {
  return decodeText(await readFile(path));
}
