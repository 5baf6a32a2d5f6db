import { readdir, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { nearMatches } from "@csl/internal/text/near-matches";
import { isUrl } from "@csl/internal/text/plain-path";
import { namedFile } from "./named-file.js";

/** More names than this are not compared one by one. */
const MOST_COMPARED = 20_000;

/** Why no image of this name is below a folder, in words for the person who wrote it. */
export async function explainMissing(where: string, name: string): Promise<string> {
  if (isUrl(name)) return "it is a URL, and no file of its name is there; fetch the images first";
  const kind = await stat(where).catch(() => undefined);
  if (!kind) return `${where} does not exist`;
  if (!kind.isDirectory()) return "no sample has such a key";
  const { path, isRooted } = namedFile(name);
  if (isRooted) return `there is no such file, and none of its last parts is below ${where}`;
  let folder = where;
  for (const part of posix.dirname(path).split("/")) {
    const next = join(folder, part);
    if (!(await stat(next).catch(() => undefined))?.isDirectory()) return `${folder} has no folder ${part}`;
    folder = next;
  }
  const names = await readdir(folder).catch(() => [] as string[]);
  const file = basename(path);
  const stem = (text: string): string => text.replace(/\.[^.]*$/, "");
  const other = names.find((entry) => stem(entry) === stem(file));
  // Numbered names are all alike.
  const letters = (text: string): string => text.replace(/\d+/g, "");
  const candidates =
    names.length > MOST_COMPARED ? [] : names.filter((entry) => letters(entry) !== letters(file));
  const near = nearMatches(file, candidates, { count: 1 });
  const [meant] = other === undefined ? near : [other];
  if (meant !== undefined) return `${folder} has no such file. Did you mean ${meant}?`;
  return `${folder} has ${names.length} entries, and no such file`;
}
