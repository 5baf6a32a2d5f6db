import { CslError } from "@csl/internal/errors/csl-error";
import { readError } from "@csl/internal/errors/read-error";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { LabelTable } from "../label-table.js";
import { parseLabelTable, stringifyLabelTable } from "./label-table-bytes.js";

/** Writes a table to a file, whole or not at all. Node only. Format: `stringifyLabelTable`. @throws CslError `cannot-write`. */
export async function writeLabelTable(path: string, table: LabelTable): Promise<void> {
  await writeFileAtomically(path, stringifyLabelTable(table), "writeLabelTable");
}

/** Reads a table from a file. Node only. @throws CslError `not-found`, `cannot-read`; `invalid-file` when it is cut off, changed, or of another kind. */
export async function readLabelTable(path: string): Promise<LabelTable> {
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw readError("readLabelTable", path, cause, "a label table");
  }
  try {
    return parseLabelTable(bytes);
  } catch (cause) {
    throw new CslError("invalid-file", `readLabelTable: ${path}: ${(cause as Error).message}`, { cause });
  }
}
