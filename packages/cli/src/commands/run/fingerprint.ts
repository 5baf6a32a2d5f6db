import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { extname, join, relative, resolve } from "node:path";
import { Sha256 } from "@csl/internal/bytes/sha256";

/** Files that hold labels; images and shards beside them are not looked at. */
const labelFiles = [".json", ".jsonl", ".csv", ".tsv", ".txt", ".gz", ".csl"];
/** Levels below a folder in which data sets keep their label files. */
const depth = 2;

/**
 * Says whether a file, or the label files of a folder, are what they were: SHA-256 of their names and content.
 *
 * @param without a folder whose files do not count: the run's own, when it is inside of the data.
 * @returns hexadecimal; "missing" where there is nothing.
 */
export async function fingerprint(path: string, { without }: { without: string }): Promise<string> {
  const hash = new Sha256();
  const found = await stat(path).catch(() => undefined);
  if (!found) return "missing";
  if (!found.isDirectory()) {
    await addContent(hash, path);
    return hash.hex();
  }
  for (const file of await filesIn(path, depth, resolve(without))) {
    hash.update(`${relative(path, file)}\n`);
    await addContent(hash, file);
  }
  return hash.hex();
}

async function filesIn(folder: string, levels: number, without: string): Promise<string[]> {
  if (resolve(folder) === without) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && levels > 0) files.push(...(await filesIn(path, levels - 1, without)));
    else if (entry.isFile() && labelFiles.includes(extname(entry.name).toLowerCase())) files.push(path);
  }
  return files;
}

async function addContent(hash: Sha256, path: string): Promise<void> {
  for await (const block of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(block as Buffer);
}
