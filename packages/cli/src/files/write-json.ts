import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";

/** Writes a value as indented JSON, so that the file is whole or not there. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes text or bytes, and the folder, so that the file is whole or not there. @throws with the way out. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writeFileAtomically(path, content, "csl");
}
