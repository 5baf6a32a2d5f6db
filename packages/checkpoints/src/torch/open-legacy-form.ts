import { CslError } from "@csl/internal/errors/csl-error";
import { type FileBytes, readBytes } from "./file-bytes.js";
import { persistentStorages } from "./persistent-storage.js";
import { PickleError } from "./pickle-error.js";
import type { PythonValue } from "./python-value.js";
import type { TorchForm } from "./torch-form.js";
import { torchGlobal } from "./torch-globals.js";
import type { TorchStorage } from "./torch-tensor.js";
import { unpickle } from "./unpickle.js";

/** What such a file begins with, pickled. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
/** Bytes that are read first; more only when the pickles are longer. */
const FIRST_READ = 1 << 20;
const LARGEST_PICKLE = 1 << 28;

/**
 * `torch.save` before PyTorch 1.6 and with `_use_new_zipfile_serialization=False`: the pickles of a magic number, a
 * version, facts about the machine, the value itself and the list of its storages; then the storages one after
 * another, each behind its length. A bare pickle of plain values, which PyTorch does not write, is read as well.
 *
 * @throws for anything else, and for a file that is cut off or damaged.
 */
export async function openLegacyForm(file: FileBytes): Promise<TorchForm> {
  const { name, value, storages, keys, end } = await readPickles(file);
  const starts = await storageStarts(file, { storages, keys, at: end });
  return {
    name,
    value,
    async readStorage(storage, from, length) {
      const start = starts.get(storage.key);
      if (start === undefined)
        throw new CslError(
          "invalid-file",
          `expected the numbers of storage ${storage.key} in the file, got none`,
        );
      const bytes = await readBytes(file, start + storage.offset + from, length);
      return bytes.buffer as ArrayBuffer; // little-endian by the format, on every machine
    },
  };
}

interface LegacyPickles {
  name: "legacy" | "pickle";
  value: PythonValue;
  storages: Map<string, TorchStorage>;
  /** Storages in the order in which they follow. */
  keys: readonly string[];
  end: number;
}

/** Reads more and more of the file until the pickles are whole. */
async function readPickles(file: FileBytes): Promise<LegacyPickles> {
  for (let length = Math.min(file.size, FIRST_READ); ; length = Math.min(file.size, 4 * length)) {
    try {
      return parsePickles(await readBytes(file, 0, length));
    } catch (error) {
      const isCut = error instanceof PickleError && error.problem === "end";
      if (!isCut || length === file.size || length >= LARGEST_PICKLE) throw error;
    }
  }
}

function parsePickles(bytes: Buffer): LegacyPickles {
  const storages = new Map<string, TorchStorage>();
  const options = { globals: torchGlobal, persistent: persistentStorages(storages) };
  const first = unpickle(bytes, options);
  if (first.value !== MAGIC)
    return { name: "pickle", value: first.value, storages, keys: [], end: bytes.length };
  const version = unpickle(bytes, { at: first.end });
  if (version.value !== PROTOCOL)
    throw new CslError("invalid-file", `expected version ${PROTOCOL} of PyTorch's older files, got another`);
  const system = unpickle(bytes, { at: version.end });
  const saved = unpickle(bytes, { at: system.end, ...options });
  const list = unpickle(bytes, { at: saved.end });
  const keys = list.value;
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string"))
    throw new CslError(
      "invalid-file",
      "expected the list of storages, got something else: the file is damaged",
    );
  return { name: "legacy", value: saved.value, storages, keys: keys as string[], end: list.end };
}

/** Where the numbers of each storage begin. Only their lengths are read, and compared with the pickle's. */
async function storageStarts(
  file: FileBytes,
  {
    storages,
    keys,
    at,
  }: { storages: ReadonlyMap<string, TorchStorage>; keys: readonly string[]; at: number },
): Promise<Map<string, number>> {
  const starts = new Map<string, number>();
  let position = at;
  for (const key of keys) {
    const storage = storages.get(key);
    if (!storage)
      throw new CslError(
        "invalid-file",
        `expected storages of the pickle, got one with the key ${key.slice(0, 40)}`,
      );
    const count = Number((await readBytes(file, position, 8)).readBigInt64LE(0));
    const { bytes, dtype } = storage;
    if (count * (dtype?.size ?? 1) !== bytes)
      throw new CslError(
        "invalid-file",
        `expected ${bytes} bytes in storage ${key}, got another length: the file is damaged`,
      );
    position += 8;
    starts.set(key, position);
    position += bytes;
    if (position > file.size)
      throw new CslError(
        "invalid-file",
        `expected ${position} bytes or more, got ${file.size}: the file is cut off`,
      );
  }
  return starts;
}
