import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { describeSkipped, packWhole } from "@csl/internal/tar/skipped-entries";
import { SampleCollector } from "./sample-collector.js";
import { scanTar, type TarEnd } from "./scan-tar.js";
import type { ShardIndex, ShardProblem } from "./shard-index.js";

/**
 * Reads the headers of a shard into an index. A shard that is cut or damaged gives the samples before that place, and a
 * problem that says so.
 *
 * @throws when the file cannot be read
 */
export async function indexShard(
  path: string,
  { signal, onProgress = () => {} }: { signal?: AbortSignal; onProgress?: (bytes: number) => void } = {},
): Promise<ShardIndex> {
  // Synchronous reads: of a header each, from the page cache, they cost a tenth of asynchronous ones.
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const samples = new SampleCollector();
    const scan = scanTar(reader(file), size, (name, offset, length) => samples.add(name, offset, length));
    let step = scan.next();
    for (; !step.done; step = scan.next()) {
      onProgress(step.value);
      await setImmediate();
      signal?.throwIfAborted();
    }
    onProgress(size);
    const index = samples.finish();
    const last = index.count > 0 ? lastKey(index) : undefined;
    const compressed = isCompressed(reader(file)(0, 4));
    const problems = describeProblems(path, step.value, {
      size,
      last,
      compressed,
      withoutImage: samples.withoutImage,
      ambiguous: samples.ambiguous,
    });
    return { ...index, problems };
  } finally {
    closeSync(file);
  }
}

function reader(file: number): (offset: number, length: number) => Uint8Array {
  let buffer = new Uint8Array(0);
  return (offset, length) => {
    if (buffer.length < length) buffer = new Uint8Array(length);
    let got = 0;
    while (got < length) {
      const read = readSync(file, buffer, got, length - got, offset + got);
      if (read === 0) break;
      got += read;
    }
    return buffer.subarray(0, got);
  };
}

function lastKey({ keys, keyEnds, count }: Omit<ShardIndex, "problems">): string {
  return new TextDecoder().decode(keys.subarray(count > 1 ? keyEnds[count - 2]! : 0, keyEnds[count - 1]!));
}

/** The first bytes of gzip, zstd, xz and bzip2 files. */
const MAGICS = [
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0xfd, 0x37, 0x7a, 0x58],
  [0x42, 0x5a, 0x68],
];

function isCompressed(head: Uint8Array): boolean {
  return MAGICS.some((magic) => magic.every((byte, i) => head[i] === byte));
}

function describeProblems(
  shard: string,
  { kind, offset, skipped }: TarEnd,
  {
    size,
    last,
    compressed,
    withoutImage,
    ambiguous,
  }: {
    size: number;
    last: string | undefined;
    compressed: boolean;
    withoutImage: number;
    ambiguous: SampleCollector["ambiguous"];
  },
): ShardProblem[] {
  const problems: ShardProblem[] = [];
  const lostBytes = size - offset;
  const used = last === undefined ? "No sample before that." : `The samples up to ${last} are used.`;
  if (kind === "damaged" && compressed && offset === 0) {
    const text = `${shard} is compressed: samples cannot be read by position. Unpack it (gunzip).`;
    problems.push({ shard, kind: "compressed", text, lostBytes });
  } else if (kind === "cut") {
    const text = `${shard} ends in the middle of an entry that begins at ${offset} of ${size} bytes. ${used} Fetch it again for the rest.`;
    problems.push({ shard, kind, text, lostBytes });
  } else if (kind === "damaged") {
    const text = `${shard} has no tar header at ${offset} of ${size} bytes. ${used} Fetch it again for the rest.`;
    problems.push({ shard, kind, text, lostBytes });
  }
  if (Object.keys(skipped).length > 0) {
    const text = `${shard} has entries that are not whole files: ${describeSkipped(skipped)}; they are skipped. ${packWhole}`;
    problems.push({ shard, kind: "skipped", text });
  }
  if (ambiguous.count > 0) {
    const text = `${shard} has ${ambiguous.count} samples with several images, none of which is known to be the sample's (first: ${ambiguous.first}); they are skipped. A sample's key ends at the first dot: rename the files, dots as "_" for images of their own (csl prepare does), or one of them KEY.jpg.`;
    problems.push({ shard, kind: "skipped", text });
  }
  if (withoutImage > 0) {
    const text = `${shard} has ${withoutImage} samples without an image (jpg, jpeg, png or webp); they are skipped.`;
    problems.push({ shard, kind: "skipped", text });
  }
  return problems;
}
