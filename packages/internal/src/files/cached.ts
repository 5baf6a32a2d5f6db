import { open, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { crc32 } from "node:zlib";
import { CslError } from "../errors/csl-error.js";
import { type FileKey, fileKey, sameFile } from "./file-key.js";
import { type WritableFile, writeFileAtomically } from "./write-file-atomically.js";

export interface Cacheable<T> {
  /** Builds the value from the index's bytes, which begin at a multiple of 8 in their buffer (typed-array views fit). */
  load: (bytes: Uint8Array) => T;
  /** Builds the value from the files themselves. */
  compute: () => Promise<T>;
  /** The bytes of the index; several parts are written one after another, each as soon as it comes. */
  save: (value: T) => Uint8Array | Iterable<Uint8Array>;
  /**
   * Names everything but the files' content that the value depends on: options, and the version of the form that
   * `save` writes. Another variant is computed and takes the index's place.
   */
  variant: string;
}

export interface Cached<T> {
  value: T;
  /** Where the index is, or would be. */
  path: string;
  /** Whether the value came out of the index. */
  hit: boolean;
  /** What a person should know: the index was damaged, or could not be written. */
  note?: string;
}

interface Header {
  variant: string;
  files: { name: string; key: FileKey }[];
  bytes: number;
  crc32: number;
}

const MAGIC = "csl index 1\n";
/** The header is padded to a multiple of this, so that the payload is aligned. */
const ALIGN = 64;

/**
 * A value computed from large files, kept in an index beside the first of them (`<path><suffix>`): the second time it
 * is loaded, as long as no file's content (`fileKey`), nor their number, order or names, nor `variant` has changed.
 * The index is written whole or not at all. Where it cannot be written (read-only folder, full disk) the value is
 * returned all the same, with a `note`; a damaged index is computed again, with a `note`.
 */
export async function cached<T>(
  files: string | readonly string[],
  suffix: string,
  { load, compute, save, variant }: Cacheable<T>,
): Promise<Cached<T>> {
  const paths = typeof files === "string" ? [files] : files;
  if (paths.length === 0 || suffix === "") {
    throw new CslError(
      "invalid-argument",
      `cached: expected files and a suffix, got ${paths.length} files and ${JSON.stringify(suffix)}.`,
    );
  }
  const path = `${paths[0]}${suffix}`;
  let note: string | undefined;
  try {
    const payload = await readIndex(path, paths, variant);
    if (payload) return { value: load(payload), path, hit: true };
  } catch (error) {
    note = `cached: expected a readable index at ${path}, got ${(error as Error).message} Computed again.`;
  }
  // Keys first: a file that changes while it is being read must not match afterwards.
  const keyed = await Promise.all(paths.map(async (p) => ({ name: basename(p), key: await fileKey(p) })));
  const value = await compute();
  try {
    const saved = save(value);
    const header = { variant, files: keyed, bytes: 0, crc32: 0 };
    const start = encodeHeader({ ...header, ...WIDEST }).length;
    const write = async (file: WritableFile): Promise<void> => {
      for (const part of saved instanceof Uint8Array ? [saved] : saved) {
        // Node's crc32 forgets the sum so far when a part has no bytes and no memory behind it.
        if (part.length === 0) continue;
        await writeAll(file, part, start + header.bytes);
        header.bytes += part.length;
        header.crc32 = crc32(part, header.crc32);
      }
      await writeAll(file, encodeHeader(header, start), 0);
    };
    await writeFileAtomically(path, write, "cached");
  } catch (error) {
    note = `${(error as Error).message} Continued without this index; the next start reads the files again.`;
  }
  return { value, path, hit: false, ...(note === undefined ? {} : { note }) };
}

/** Sum and size are known only behind the payload; these leave room for any. */
const WIDEST = { bytes: Number.MAX_SAFE_INTEGER, crc32: 0xffffffff };

async function writeAll(file: WritableFile, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

function encodeHeader(header: Header, atLeast = 0): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Math.max(atLeast, Math.ceil((MAGIC.length + 4 + text.length) / ALIGN) * ALIGN);
  const bytes = Buffer.alloc(length, " ");
  bytes.write(MAGIC, "latin1");
  bytes.writeUInt32LE(length, MAGIC.length);
  text.copy(bytes, MAGIC.length + 4);
  return bytes;
}

/** The payload; undefined when there is no index, or one of other files or another variant. @throws if damaged. */
async function readIndex(
  path: string,
  files: readonly string[],
  variant: string,
): Promise<Uint8Array | undefined> {
  const header = await readHeader(path);
  if (header === undefined || header.variant !== variant || header.files.length !== files.length)
    return undefined;
  for (const [i, { name, key }] of header.files.entries()) {
    if (name !== basename(files[i]!) || !(await sameFile(files[i]!, key))) return undefined;
  }
  const all = await readFile(path);
  const bytes = all.subarray(all.readUInt32LE(MAGIC.length));
  if (bytes.length !== header.bytes)
    throw new CslError("invalid-file", `${bytes.length} bytes instead of ${header.bytes}.`);
  if (crc32(bytes) !== header.crc32) throw new CslError("invalid-file", "bytes with another checksum.");
  // Small files come out of a pool, at any position of its buffer.
  return bytes.byteOffset % 8 === 0
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    : Uint8Array.from(bytes);
}

const isKeyed = (file: Header["files"][number] | null): boolean =>
  typeof file?.name === "string" && typeof file.key?.sample === "string";

async function readHeader(path: string): Promise<Header | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const start = Buffer.alloc(MAGIC.length + 4);
    await file.read(start, 0, start.length, 0);
    if (start.toString("latin1", 0, MAGIC.length) !== MAGIC)
      throw new CslError("invalid-file", "a file of another kind.");
    const length = start.readUInt32LE(MAGIC.length);
    if (length < start.length || length > 1 << 26)
      throw new CslError("invalid-file", `a header of ${length} bytes.`);
    const text = Buffer.alloc(length - start.length);
    await file.read(text, 0, text.length, start.length);
    const header = JSON.parse(text.toString("utf8")) as Header | null;
    if (typeof header?.variant !== "string" || !Array.isArray(header.files) || !header.files.every(isKeyed))
      throw new CslError("invalid-file", "a damaged header.");
    return header;
  } finally {
    await file.close();
  }
}
