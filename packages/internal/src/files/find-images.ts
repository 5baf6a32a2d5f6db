import { readdir } from "node:fs/promises";
import { isAbsolute, join, posix } from "node:path";

/**
 * Looks for files by listing every folder once, instead of asking for each of a million files. Names are compared in
 * Unicode's normal form C: an é typed in one piece finds the é that another system wrote as two characters.
 *
 * @param paths with "/" between their parts; relative ones are sought under `root`.
 * @returns for every path the name as the disk has it; undefined when there is no such file.
 */
export async function findImages(root: string, paths: readonly string[]): Promise<(string | undefined)[]> {
  const folders = new Map<string, Map<string, string>>();
  const found: (string | undefined)[] = [];
  for (const path of paths) {
    const folder = posix.dirname(path);
    let names = folders.get(folder);
    if (!names) {
      names = await list(isAbsolute(folder) ? folder : join(root, folder));
      folders.set(folder, names);
    }
    const name = names.get(posix.basename(path).normalize("NFC"));
    found.push(name === undefined || folder === "." ? name : posix.join(folder, name));
  }
  return found;
}

/** Names in a folder by their normal form; empty when there is no such folder. */
async function list(folder: string): Promise<Map<string, string>> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return new Map(
      entries.filter((entry) => !entry.isDirectory()).map(({ name }) => [name.normalize("NFC"), name]),
    );
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return new Map();
    throw error;
  }
}
