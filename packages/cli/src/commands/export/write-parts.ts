import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { speaker } from "./export-format.js";

/** Writes parts as they are made, so that the file is whole or not there. @throws with the way out. */
export async function writeParts(path: string, parts: Iterable<Uint8Array>): Promise<void> {
  await writeFileAtomically(
    path,
    async (handle) => {
      for (const part of parts) await handle.writeFile(part);
    },
    speaker,
  );
}
