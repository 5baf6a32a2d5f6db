import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";

/** A log of one JSON value a line. */
export interface JsonLines {
  /** Resolves when the operating system has the line. Lines keep the order of the calls. */
  write(value: unknown): Promise<void>;
  close(): Promise<void>;
}

/**
 * Appends to `path`, making its folder at the first line. Typed arrays are written as plain arrays. When an earlier
 * run left half a line, it is ended first, so that every later line parses.
 *
 * @throws (from `write`) when the file cannot be opened, naming it and the reason.
 */
export function openJsonLines(path: string): JsonLines {
  let file: Promise<FileHandle> | undefined;
  let tail: Promise<void> = Promise.resolve();
  return {
    write(value) {
      file ??= openForAppending(path);
      const opened = file;
      const line = `${JSON.stringify(value, plainArrays)}\n`;
      const written = tail.then(async () => (await opened).appendFile(line));
      tail = written.catch(() => {}); // the caller of this write gets the error; the next one tries again
      return written;
    },
    async close() {
      await tail;
      await (await file?.catch(() => undefined))?.close();
      file = undefined;
    },
  };
}

async function openForAppending(path: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "a+");
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    if (size > 0 && last[0] !== 0x0a) await file.appendFile("\n");
    return file;
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new CslError(
      "cannot-write",
      `openJsonLines: expected a file that can be written, got ${path} (${code}). Choose another.`,
      {
        cause,
      },
    );
  }
}

function plainArrays(_: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as unknown as ArrayLike<number>)
    : value;
}
