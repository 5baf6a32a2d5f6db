import { CslError } from "@csl/internal/errors/csl-error";
import { mapInOrder } from "@csl/internal/work/job-queue";
import type { PrepareSetting } from "./prepare-journal.js";
import type { ShrunkImage } from "./shrink-image.js";

/**
 * The processes that prepare one list of images together: a process group of `@csl/tfjs-backend-torch` is one. Rank 0
 * alone writes; the others send it their shrunken images.
 */
export interface PrepareRanks {
  /** Of this process, from 0 on. */
  readonly rank: number;
  readonly size: number;
  /** Replaces numbers by their sum over the ranks. */
  allReduce(numbers: Float64Array): Promise<void>;
  /** Replaces numbers by those of rank 0. */
  broadcast(numbers: Float64Array | Uint8Array): Promise<void>;
  /** Each rank's bytes, of any length, at rank 0; undefined elsewhere. */
  gather(bytes: Uint8Array): Promise<Uint8Array[] | undefined>;
}

/** Images that a rank shrinks before it sends them. */
const BLOCK = 32;

/**
 * The work of `prepareShards` dealt over ranks, in rounds: each shrinks a block of images, and rank 0 gets the blocks in
 * order. So it writes what one process writes, and where a run continues depends on rank 0's files alone.
 *
 * All ranks call `meet`, `begin`, `rounds` and `finish`, in this order, or `leave` as soon as one of these or anything in
 * between throws: before each exchange the ranks agree that all go on.
 */
export class SharedPreparing {
  readonly #ranks: PrepareRanks;
  readonly #signal: AbortSignal | undefined;
  #met = false;
  #over = false;

  constructor(ranks: PrepareRanks, signal: AbortSignal | undefined) {
    this.#ranks = ranks;
    this.#signal = signal;
  }

  /** @throws CslError `mismatch` at rank 0 when ranks were given other images or options */
  async meet(setting: PrepareSetting): Promise<void> {
    await this.#meet(JSON.stringify(setting));
  }

  /** Where all continue, which rank 0 says. */
  async begin(position: number): Promise<number> {
    await this.#agree();
    const at = Float64Array.of(position);
    await this.#guarded(this.#ranks.broadcast(at));
    return at[0]!;
  }

  /** At rank 0 the images `from` … `total - 1` in order; nothing elsewhere. */
  async *rounds(
    from: number,
    total: number,
    { window, shrink }: { window: number; shrink: (position: number) => Promise<ShrunkImage> },
  ): AsyncGenerator<[position: number, shrunk: ShrunkImage]> {
    const { rank, size } = this.#ranks;
    const count = total - from;
    // Few images are dealt in smaller blocks, so that all ranks have some.
    const block = Math.max(1, Math.min(BLOCK, Math.ceil(count / (4 * size))));
    const rounds = Math.ceil(count / (block * size));
    const positionOf = (i: number): number =>
      from + (Math.floor(i / block) * size + rank) * block + (i % block);
    const lastBlock = count - ((rounds - 1) * size + rank) * block;
    const own = Math.max(0, (rounds - 1) * block + Math.max(0, Math.min(block, lastBlock)));
    const shrunken = mapInOrder(0, own, Math.max(window, 2 * block), (i) => shrink(positionOf(i)));
    for (let round = 0; round < rounds; round++) {
      this.#signal?.throwIfAborted();
      await this.#agree();
      const images = await nextImages(shrunken, Math.min(block, own - round * block));
      const sent = rank === 0 ? new Uint8Array(0) : Array.isArray(images) ? encode(images) : FAILED;
      const gathered = await this.#guarded(this.#ranks.gather(sent));
      if (!Array.isArray(images)) throw images.error;
      let position = from + round * size * block;
      for (const [other, bytes] of (gathered ?? []).entries())
        for (const shrunk of other === 0 ? images : decode(bytes, other)) yield [position++, shrunk];
    }
  }

  /** Rank 0's report on all ranks. */
  async finish<Report>(report: Report | undefined): Promise<Report> {
    await this.#agree();
    const text = new TextEncoder().encode(JSON.stringify(report ?? null));
    const length = Float64Array.of(text.length);
    await this.#guarded(this.#ranks.broadcast(length));
    const bytes = this.#ranks.rank === 0 ? text : new Uint8Array(length[0]!);
    await this.#guarded(this.#ranks.broadcast(bytes));
    this.#over = true;
    return JSON.parse(new TextDecoder().decode(bytes)) as Report;
  }

  /** Tells the others that this rank cannot go on, if they do not know yet. */
  async leave(): Promise<void> {
    try {
      if (!this.#met) await this.#meet(NONE);
      if (!this.#over) await this.#agree(this.#signal?.aborted ? STOPPED : BROKEN);
    } catch {} // they have heard it, or are gone
  }

  async #meet(setting: string): Promise<void> {
    this.#met = true;
    const { rank } = this.#ranks;
    const all = await this.#guarded(this.#ranks.gather(new TextEncoder().encode(setting)));
    const other = all?.findIndex((bytes) => new TextDecoder().decode(bytes) !== setting) ?? -1;
    if (rank > 0 || other < 0 || setting === NONE) return;
    const got = new TextDecoder().decode(all![other]);
    if (got === NONE) throw endedOn(other);
    throw new CslError(
      "mismatch",
      `prepareShards: expected the same images, options and version on all ranks, got on rank ${other} other ` +
        `${differences(JSON.parse(setting), JSON.parse(got)).join(", ")}. Start all with the same command line and files.`,
    );
  }

  /** All ranks go on, or none. */
  async #agree(own: readonly number[] = GOES_ON): Promise<void> {
    const ends = Float64Array.from(own);
    await this.#guarded(this.#ranks.allReduce(ends));
    const [stopped = 0, broken = 0] = ends;
    if (stopped + broken === 0) return;
    this.#over = true;
    if (broken > 0)
      throw new CslError(
        "failed",
        "prepareShards: stopped, because another process could not go on; its error says why. What is written is kept.",
      );
    throw new DOMException("prepareShards: stopped with the other processes.", "AbortError");
  }

  /** A group in which one call failed takes no further ones. */
  async #guarded<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      this.#over = true;
      throw error;
    }
  }
}

const GOES_ON = [0, 0];
const STOPPED = [1, 0];
const BROKEN = [0, 1];
/** In place of the setting of a rank that has none. */
const NONE = "null";
/** In place of a block whose rank could not make it: it has no header. */
const FAILED = new Uint8Array(1);

async function nextImages(
  shrunken: AsyncGenerator<[number, ShrunkImage]>,
  count: number,
): Promise<ShrunkImage[] | { error: unknown }> {
  const images: ShrunkImage[] = [];
  try {
    while (images.length < count) images.push((await shrunken.next()).value[1]);
    return images;
  } catch (error) {
    return { error };
  }
}

/** The length of a header, the header (for each image its bytes, or why it has none), and the images. */
function encode(images: readonly ShrunkImage[]): Uint8Array {
  const header = Buffer.from(
    JSON.stringify(images.map((image) => ("jpg" in image ? image.jpg.length : image.unreadable))),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  return Buffer.concat([length, header, ...images.flatMap((image) => ("jpg" in image ? image.jpg : []))]);
}

function decode(bytes: Uint8Array, rank: number): ShrunkImage[] {
  if (bytes.length === FAILED.length) throw endedOn(rank);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 4 + buffer.readUInt32LE(0);
  const header = JSON.parse(buffer.toString("utf8", 4, at)) as (number | string)[];
  return header.map((image) => {
    if (typeof image === "string") return { unreadable: image };
    at += image;
    return { jpg: bytes.subarray(at - image, at) };
  });
}

function endedOn(rank: number): CslError {
  return new CslError(
    "failed",
    `prepareShards: expected all ranks to go on, but rank ${rank} could not; its error says why. What is written is kept, ` +
      "and the same call continues.",
  );
}

function differences(one: PrepareSetting, other: PrepareSetting): string[] {
  return Object.keys({ ...one, ...other }).filter((name) => one[name] !== other[name]);
}
