import { type AtomicFiles, writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { UnreadableEntry } from "./prepare-journal.js";

/** Writes the images that are in no shard as CSV (`name,reason`); without any, the file goes. */
export async function writeUnreadable(
  path: string,
  unreadable: readonly UnreadableEntry[],
  files: AtomicFiles,
): Promise<void> {
  if (unreadable.length === 0) return files.rm(path, { force: true });
  const lines = unreadable.map(({ name, reason }) => `${quoted(name)},${quoted(reason)}\n`);
  await writeFileAtomically(path, `name,reason\n${lines.join("")}`, "prepareShards", { files });
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
