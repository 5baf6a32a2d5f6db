import { inflateRawSync } from "node:zlib";
import { type Plain, readPickle } from "./read-pickle.js";
import { readWholeFile } from "./read-whole-file.js";

const ZIP = 0x04034b50;
const DIRECTORY_END = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
/** How a file of `torch.save` before version 1.6 begins: three pickles before the one that was saved. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;

/**
 * The reference authors' `mid_to_classes.pth`: class id → display name, from `torch.save` (zip or the older form) or
 * a bare pickle. Names are as they are stored; see `repairClassName`.
 *
 * @throws for a file that holds anything but a dictionary of texts. No Python object is ever built.
 */
export async function readMidToClasses(path: string): Promise<Map<string, string>> {
  const bytes = await readWholeFile(path, "readMidToClasses");
  try {
    const value = bytes.length >= 4 && bytes.readUInt32LE(0) === ZIP ? fromZip(bytes) : fromPickles(bytes);
    if (!(value instanceof Map)) throw new Error("expected a dictionary of texts, got another kind of value");
    const names = new Map<string, string>();
    for (const [id, name] of value) {
      if (typeof id !== "string" || typeof name !== "string") {
        throw new Error(`expected texts, got ${String(id).slice(0, 30)} → ${String(name).slice(0, 30)}`);
      }
      names.set(id, name);
    }
    return names;
  } catch (cause) {
    throw new Error(
      `readMidToClasses: ${path}: ${(cause as Error).message}. It is meant for a torch.save of {"/m/…": "name"}.`,
      { cause },
    );
  }
}

function fromPickles(bytes: Buffer): Plain {
  const first = readPickle(bytes);
  if (first.value !== LEGACY_MAGIC) return first.value;
  const version = readPickle(bytes, first.end);
  const system = readPickle(bytes, version.end);
  return readPickle(bytes, system.end).value;
}

/** The entry `…/data.pkl` of a zip, by the directory at its end. */
function fromZip(bytes: Buffer): Plain {
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0 || end + 22 > bytes.length || bytes.readUInt32LE(end) !== DIRECTORY_END) {
    throw new Error("expected a whole zip file, got one that is cut off");
  }
  let at = bytes.readUInt32LE(end + 16);
  for (let i = bytes.readUInt16LE(end + 10); i > 0; i--) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== DIRECTORY_ENTRY) {
      throw new Error("expected a whole zip file, got a damaged directory");
    }
    const method = bytes.readUInt16LE(at + 10);
    const size = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    if (name === "data.pkl" || name.endsWith("/data.pkl")) {
      const local = bytes.readUInt32LE(at + 42);
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      const stored = bytes.subarray(start, start + size);
      if (method !== 0 && method !== 8)
        throw new Error(`expected data.pkl stored or deflated, got method ${method}`);
      return readPickle(method === 8 ? inflateRawSync(stored) : stored).value;
    }
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  throw new Error("expected data.pkl in the zip file, got none");
}
