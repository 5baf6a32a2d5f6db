import { promisify } from "node:util";
import { crc32, inflateRaw } from "node:zlib";
import { CslError } from "@csl/internal/errors/csl-error";
import { type FileBytes, readBytes } from "./file-bytes.js";
import { persistentStorages } from "./persistent-storage.js";
import { mostBytes } from "./require-reasonable.js";
import type { TorchForm } from "./torch-form.js";
import { torchGlobal } from "./torch-globals.js";
import { unpickle } from "./unpickle.js";
import { readZipDirectory, type ZipEntry, zipDataStart } from "./zip-directory.js";

/** A pickle of names and shapes: 100 bytes a tensor. A larger one is not a checkpoint: a damaged file must not take that much memory. */
const LARGEST_PICKLE = 1 << 28;

/**
 * `torch.save` since PyTorch 1.6: a zip of `data.pkl` and one file a storage, `data/0`, `data/1` …
 *
 * @throws for a TorchScript archive, another zip, and one that is cut off or damaged.
 */
export async function openZipForm(file: FileBytes): Promise<TorchForm> {
  const entries = await readZipDirectory(file);
  const pickle = [...entries.values()].find(({ name }) => /^([^/]*\/)?data\.pkl$/.test(name));
  if (!pickle)
    throw new CslError("invalid-file", "expected a zip file that torch.save wrote, got one without data.pkl");
  const root = pickle.name.slice(0, -"data.pkl".length);
  if (entries.has(`${root}constants.pkl`)) {
    throw new CslError(
      "unsupported",
      "expected a state-dict, got a TorchScript archive. Save its state-dict where PyTorch is: " +
        'torch.save(torch.jit.load("in.pt").state_dict(), "out.pth")',
    );
  }
  const bytes = await wholeEntry(file, pickle);
  const order = entries.get(`${root}byteorder`);
  const bigEndian = order !== undefined && (await wholeEntry(file, order)).toString("latin1") === "big";
  const persistent = persistentStorages(new Map());
  const { value } = unpickle(bytes, { globals: torchGlobal, persistent });
  return {
    name: "zip",
    value,
    async readStorage(storage, from, length) {
      const entry = entries.get(`${root}data/${storage.key}`);
      if (!entry)
        throw new CslError(
          "invalid-file",
          `expected the numbers of storage ${storage.key} in the file, got none`,
        );
      if (entry.size < storage.bytes) {
        throw new CslError(
          "invalid-file",
          `expected ${storage.bytes} bytes in storage ${storage.key}, got ${entry.size}: the file is damaged`,
        );
      }
      const buffer = await partOfEntry(file, entry, { from, length });
      return bigEndian ? swapBytes(buffer, storage.dtype?.size ?? 1) : buffer;
    },
  };
}

async function wholeEntry(file: FileBytes, entry: ZipEntry): Promise<Buffer> {
  if (entry.size > LARGEST_PICKLE)
    throw new CslError("invalid-file", `expected a small ${entry.name}, got ${entry.size} bytes`);
  return Buffer.from(await partOfEntry(file, entry, { from: 0, length: entry.size }));
}

/** Bytes of an entry; their checksum is compared where all of them are read. */
async function partOfEntry(
  file: FileBytes,
  entry: ZipEntry,
  { from, length }: { from: number; length: number },
): Promise<ArrayBuffer> {
  const { name, method, size, packed } = entry;
  const start = await zipDataStart(file, entry);
  if (method === 8) {
    const all = await inflated(await readBytes(file, start, packed), entry);
    check(all, entry);
    return all.slice(from, from + length);
  }
  if (method !== 0 || packed !== size)
    throw new CslError("invalid-file", `expected ${name} stored or deflated, got method ${method}`);
  const bytes = await readBytes(file, start + from, length);
  if (length === size) check(bytes.buffer as ArrayBuffer, entry);
  return bytes.buffer as ArrayBuffer;
}

async function inflated(bytes: Buffer, { name, size }: ZipEntry): Promise<ArrayBuffer> {
  // PyTorch does not deflate; other programs that pack the files again do. Weights hardly shrink, so a much larger size is refused.
  if (size > mostBytes(bytes.length))
    throw new CslError("invalid-file", `expected ${name} whole, got it damaged`);
  const all = await promisify(inflateRaw)(bytes, { maxOutputLength: Math.max(1, size) });
  if (all.length !== size)
    throw new CslError("invalid-file", `expected ${size} bytes in ${name}, got ${all.length}`);
  return Uint8Array.prototype.slice.call(all).buffer as ArrayBuffer;
}

/** PyTorch has an option to write no checksums; then they are 0. */
function check(bytes: ArrayBuffer, { name, crc }: ZipEntry): void {
  if (crc !== 0 && crc32(new Uint8Array(bytes)) !== crc)
    throw new CslError(
      "invalid-file",
      `expected ${name} as it was saved, got another checksum: the file is damaged`,
    );
}

/** Big-endian numbers of so many bytes as little-endian ones, in place. */
function swapBytes(buffer: ArrayBuffer, size: number): ArrayBuffer {
  const bytes = Buffer.from(buffer);
  if (size === 2) bytes.swap16();
  else if (size === 4) bytes.swap32();
  else if (size === 8) bytes.swap64();
  return buffer;
}
