import { writeFileAtomically } from "./write-file-atomically.js";

const BLOCK = 1 << 20; // characters written at a time

/** Writes lines as they come, millions if need be; the file is whole or not there. */
export async function writeLines(path: string, lines: Iterable<string>, speaker: string): Promise<void> {
  await writeFileAtomically(
    path,
    async (file) => {
      let block = "";
      for (const line of lines) {
        block += `${line}\n`;
        if (block.length < BLOCK) continue;
        await file.writeFile(block);
        block = "";
      }
      await file.writeFile(block);
    },
    speaker,
  );
}
