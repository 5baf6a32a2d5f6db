import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { decodeLabelTable, encodeLabelTableParts } from "./encode-label-table.js";
import type { LabelTable } from "./label-table.js";

/** Writes a table to a file, whole or not at all. Node only. Format: `encodeLabelTable`. */
export async function saveLabelTable(path: string, table: LabelTable): Promise<void> {
  await writeFileAtomically(path, encodeLabelTableParts(table), "saveLabelTable");
}

/** Reads a table from a file. Node only. @throws when the file is missing, cut off, changed, or of another kind. */
export async function loadLabelTable(path: string): Promise<LabelTable> {
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw new Error(`loadLabelTable: expected a label table at ${path}, got ${code}. Is the path right?`, {
      cause,
    });
  }
  try {
    return decodeLabelTable(bytes);
  } catch (cause) {
    throw new Error(`loadLabelTable: ${path}: ${(cause as Error).message}`, { cause });
  }
}
