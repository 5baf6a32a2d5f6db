import type * as nodeFiles from "node:fs/promises";
import type { UnreadableEntry } from "./prepare-journal.js";

/** Writes the pictures that are in no shard as CSV (`name,reason`); without any, the file goes. */
export async function writeUnreadable(
  path: string,
  unreadable: readonly UnreadableEntry[],
  { writeFile, rename, rm }: Pick<typeof nodeFiles, "writeFile" | "rename" | "rm">,
): Promise<void> {
  if (unreadable.length === 0) return rm(path, { force: true });
  const lines = unreadable.map(({ name, reason }) => `${quoted(name)},${quoted(reason)}\n`);
  await writeFile(`${path}.tmp`, `name,reason\n${lines.join("")}`);
  await rename(`${path}.tmp`, path);
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
