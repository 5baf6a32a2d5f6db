import { createHash } from "node:crypto";
import { open, readFile, stat } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { ShardIndex, ShardProblem } from "./shard-index.js";

/** Where a shard's index is kept. */
export function indexPath(shard: string): string {
  return `${shard}.idx`;
}

/*
 * Layout: "CSLSHARD", then two little-endian 32-bit numbers, the length of the head and the CRC-32 of all that follows
 * them; the head, JSON padded with blanks to a multiple of 4; the five arrays of 32-bit numbers and the keys.
 */
const MAGIC = "CSLSHARD";
const START = 16;
const VERSION = 3;

type Head = {
  version: number;
  shard: ShardKey;
  count: number;
  labels: number;
  keyBytes: number;
  innerEndings: [sample: number, ending: string][];
  problems: Omit<ShardProblem, "shard">[];
};

/** What tells a shard from another: only when the times differ, a sample of its bytes decides. */
type ShardKey = { size: number; mtimeMs: number; sample: string };

/**
 * The index beside a shard. "foreign" when that file is not ours and must stay as it is; undefined when there is none,
 * or it is damaged, or another version's, or of other content than the shard has now.
 */
export async function loadShardIndex(shard: string): Promise<ShardIndex | "foreign" | undefined> {
  const bytes = await readFile(indexPath(shard)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!bytes) return undefined;
  if (bytes.toString("latin1", 0, 8) !== MAGIC) return "foreign";
  if (bytes.length < START || crc32(bytes.subarray(START)) !== bytes.readUInt32LE(12)) return undefined;
  const head = parseHead(bytes);
  if (head?.version !== VERSION) return undefined;
  const { size, mtimeMs } = await stat(shard);
  if (size !== head.shard.size) return undefined;
  if (mtimeMs !== head.shard.mtimeMs && (await sampleHash(shard, size)) !== head.shard.sample)
    return undefined;

  // A copy where the memory is not aligned for numbers of 32 bits.
  const start = START + bytes.readUInt32LE(8);
  const body = bytes.byteOffset % 4 === 0 ? bytes.subarray(start) : Uint8Array.from(bytes.subarray(start));
  let at = body.byteOffset;
  const numbers = (length: number): Uint32Array => {
    const array = new Uint32Array(body.buffer, at, length);
    at += length * 4;
    return array;
  };
  const { count, labels, keyBytes, innerEndings, problems } = head;
  return {
    count,
    imageBlocks: numbers(count),
    imageLengths: numbers(count),
    labelBlocks: numbers(labels),
    labelLengths: numbers(labels),
    keyEnds: numbers(count),
    keys: new Uint8Array(body.buffer, at, keyBytes),
    innerEndings: new Map(innerEndings),
    problems: problems.map((problem) => ({ ...problem, shard })),
  };
}

function parseHead(bytes: Buffer): Head | undefined {
  try {
    return JSON.parse(bytes.toString("utf8", START, START + bytes.readUInt32LE(8))) as Head;
  } catch {
    return undefined;
  }
}

/**
 * Writes the index next to its shard, under another name first.
 *
 * @param before the shard as it was before it was indexed; one that has changed since (it may be on its way here) is
 *   indexed again next time
 * @throws when the folder cannot be written to
 */
export async function saveShardIndex(
  shard: string,
  index: ShardIndex,
  before: { size: number; mtimeMs: number },
): Promise<void> {
  const { size, mtimeMs } = await stat(shard);
  if (size !== before.size || mtimeMs !== before.mtimeMs) return;
  const head: Head = {
    version: VERSION,
    shard: { size, mtimeMs, sample: await sampleHash(shard, size) },
    count: index.count,
    labels: index.labelBlocks.length,
    keyBytes: index.keys.length,
    innerEndings: [...index.innerEndings],
    problems: index.problems.map(({ shard: _, ...problem }) => problem),
  };
  const text = Buffer.from(JSON.stringify(head));
  const padded = Buffer.concat([text, Buffer.alloc(-text.length & 3, " ")]);
  const { imageBlocks, imageLengths, labelBlocks, labelLengths, keyEnds, keys } = index;
  const arrays = [imageBlocks, imageLengths, labelBlocks, labelLengths, keyEnds, keys];
  const parts = [
    padded,
    ...arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  ];
  const start = Buffer.alloc(START);
  start.write(MAGIC, "latin1");
  start.writeUInt32LE(padded.length, 8);
  start.writeUInt32LE(
    parts.reduce((sum, part) => crc32(part, sum), 0),
    12,
  );
  await writeFileAtomically(indexPath(shard), [start, ...parts], "openShards");
}

const PIECES = 16;
const PIECE = 4096;

/** A hash over pieces spread over the file, its first and last bytes included. */
async function sampleHash(path: string, size: number): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path);
  try {
    const piece = Buffer.alloc(PIECE);
    const lastStart = Math.max(0, size - PIECE);
    for (let i = 0; i < PIECES; i++) {
      const { bytesRead } = await file.read(piece, 0, PIECE, Math.floor((lastStart * i) / (PIECES - 1)));
      hash.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}
