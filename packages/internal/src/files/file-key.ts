import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { CslError } from "../errors/csl-error.js";

/** Distinguishes contents of a file without reading all of it. */
export interface FileKey {
  readonly size: number;
  /** Time of the last change, ms. */
  readonly mtime: number;
  /** SHA-256 (hex) over the size and 64 pieces of 64 kB, first and last bytes among them; over all of a small file. */
  readonly sample: string;
}

const PIECES = 64;
const PIECE = 1 << 16;

/** The key of a file's content. Reads at most 4 MB. @throws CslError for a missing or unreadable file, and for a folder; messages do not name it. */
export async function fileKey(path: string): Promise<FileKey> {
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw notAFile(cause.code ?? "an error", cause);
  });
  if (stats.isDirectory()) throw notAFile("a folder");
  const { size, mtimeMs } = stats;
  return { size, mtime: mtimeMs, sample: await sampleHash(path, size) };
}

/**
 * Whether a file still has the content that `key` was taken of. Another size: no. The same size and time: yes, without
 * reading. Only the time differs (copied, touched): the sampled bytes decide. A change of bytes between the pieces
 * that keeps both size and time goes unnoticed. A missing file is not the same.
 */
export async function sameFile(path: string, key: FileKey): Promise<boolean> {
  try {
    const { size, mtimeMs } = await stat(path);
    if (size !== key.size) return false;
    return mtimeMs === key.mtime || (await sampleHash(path, size)) === key.sample;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function sampleHash(path: string, size: number): Promise<string> {
  const hash = createHash("sha256").update(`${size}\n`);
  const file = await open(path, "r");
  try {
    const whole = size <= PIECES * PIECE;
    const piece = Buffer.alloc(PIECE);
    const pieces = whole ? Math.ceil(size / PIECE) : PIECES;
    for (let i = 0; i < pieces; i++) {
      const at = whole ? i * PIECE : Math.floor(((size - PIECE) * i) / (PIECES - 1));
      const { bytesRead } = await file.read(piece, 0, PIECE, at);
      hash.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

/** What to throw where a file was expected: `not-found` when nothing is there, else `cannot-read`. */
export function notAFile(got: string, cause?: unknown): CslError {
  const absent = (cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
  const message = `expected a file, got ${got}. Is the path right?`;
  return new CslError(absent ? "not-found" : "cannot-read", message, { cause });
}
