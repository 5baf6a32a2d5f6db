import { mkdir, open, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a value as indented JSON under a temporary name first, so that the file is whole or not there. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

const BLOCK = 1 << 20; // characters written at a time

/** Writes lines as they come, millions if need be, under a temporary name first. */
export async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  await writing(path, async (temporary) => {
    const file = await open(temporary, "w");
    try {
      let block = "";
      for (const line of lines) {
        block += `${line}\n`;
        if (block.length < BLOCK) continue;
        await file.appendFile(block);
        block = "";
      }
      await file.appendFile(block);
    } finally {
      await file.close();
    }
  });
}

/** Writes text or bytes under a temporary name and renames. @throws with the way out when the folder cannot be written. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writing(path, (temporary) => writeFile(temporary, content));
}

async function writing(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await write(temporary);
    await rename(temporary, path);
  } catch (cause) {
    throw new Error(
      `csl: cannot write ${path}: ${(cause as Error).message}. Choose another folder or its rights.`,
    );
  }
}
