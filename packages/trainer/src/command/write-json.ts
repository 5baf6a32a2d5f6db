import { type FileHandle, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { atomicWrite } from "../atomic-write.js";

/** Writes a value as indented JSON under a temporary name first, so that the file is whole or not there. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

const BLOCK = 1 << 20; // characters written at a time

/** Writes lines as they come, millions if need be, under a temporary name first. */
export async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  await writing(path, async (file) => {
    let block = "";
    for (const line of lines) {
      block += `${line}\n`;
      if (block.length < BLOCK) continue;
      await file.appendFile(block);
      block = "";
    }
    await file.appendFile(block);
  });
}

/** Writes text or bytes under a temporary name and renames. @throws with the way out when the folder cannot be written. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writing(path, (file) => file.writeFile(content));
}

/** Makes the folder, and the file in it. */
async function writing(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (cause) {
    throw new Error(
      `csl: cannot write ${path}: ${(cause as Error).message}. Choose another folder, or change its permissions.`,
      { cause },
    );
  }
  await atomicWrite(path, write);
}
