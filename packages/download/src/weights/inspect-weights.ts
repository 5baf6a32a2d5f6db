import { type FileHandle, open } from "node:fs/promises";

/** A header of safetensors is not longer, by that format's own rule. */
const LONGEST_HEADER = 100_000_000;
/** Bytes at the end of a zip among which its end record is: 22, and a comment of at most 65,535. */
const ZIP_TAIL = 22 + 65_535;

/**
 * Why a file is no whole file of weights; undefined when it may be one: safetensors as long as its header says, or
 * what `torch.save` writes (a zip with its end, a pickle, a tar). Nothing in it is read beyond that. Servers answer with
 * a text about an error and status 200, and a body without a length may end early.
 */
export async function inspectWeights(path: string): Promise<string | undefined> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const head = await read(file, 0, Math.min(size, 512));
    if (head.length >= 9 && head.readUInt32LE(4) === 0 && head[8] === 0x7b)
      return await safetensorsProblem(file, size, head.readUInt32LE(0));
    if (head.toString("latin1", 0, 4) === "PK\x03\x04") return await zipProblem(file, size);
    if (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) return undefined;
    if (head.toString("latin1", 257, 262) === "ustar") return undefined;
    const start = JSON.stringify(head.toString("latin1", 0, 40));
    return size === 0 ? "an empty file" : `no safetensors and no PyTorch file: it begins with ${start}`;
  } finally {
    await file.close();
  }
}

async function safetensorsProblem(
  file: FileHandle,
  size: number,
  length: number,
): Promise<string | undefined> {
  if (length > LONGEST_HEADER || 8 + length > size)
    return `a safetensors file that ends in its header, after ${size} bytes`;
  const end = endOfTensors((await read(file, 8, length)).toString("utf8"));
  if (end === undefined) return "a safetensors file with a damaged header";
  const whole = 8 + length + end;
  return whole === size ? undefined : `a safetensors file of ${whole} bytes, of which ${size} came`;
}

/** Where the last tensor ends; undefined for a header that is none. */
function endOfTensors(header: string): number | undefined {
  try {
    const entries = Object.entries(JSON.parse(header) as Record<string, { data_offsets?: number[] }>);
    const ends = entries
      .filter(([key]) => key !== "__metadata__")
      .map(([, tensor]) => tensor.data_offsets?.[1]);
    return ends.every((end) => Number.isSafeInteger(end)) ? Math.max(0, ...(ends as number[])) : undefined;
  } catch {
    return undefined;
  }
}

async function zipProblem(file: FileHandle, size: number): Promise<string | undefined> {
  const tail = Math.min(size, ZIP_TAIL);
  const end = (await read(file, size - tail, tail)).lastIndexOf("PK\x05\x06", undefined, "latin1");
  return end < 0 ? `a PyTorch file that ends early, after ${size} bytes` : undefined;
}

async function read(file: FileHandle, from: number, count: number): Promise<Buffer> {
  const bytes = Buffer.alloc(count);
  const { bytesRead } = await file.read(bytes, 0, count, from);
  return bytes.subarray(0, bytesRead);
}
