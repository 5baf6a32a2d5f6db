import { realpath } from "node:fs/promises";
import { join, posix } from "node:path";
import type { ImageList, ImageSource, ShardSet } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import type { Texts } from "../dataset.js";

export interface FoundImages {
  /** Positions of the samples whose image is there, ascending. */
  found: Uint32Array;
  /** Positions of those whose image is not there, ascending. */
  missing: Uint32Array;
  /** [found], for `createImageLoader`. `nameAt` gives the path below the root as the disk has it, or shard and key. */
  images: ImageList;
  /** What is wrong with shards, and what else a person should know of the search, in words. */
  problems: string[];
  /** Texts that are equal for positions of one and the same image: links and folders are followed. */
  identify(): Promise<(position: number) => string>;
}

/** A folder that holds images: where it is, and its name below the root. */
export interface ImageFolder {
  path: string;
  name: string;
  /** Names of its entries that are links. */
  links?: ReadonlySet<string>;
}

const NOWHERE = 0xffffffff;
const IN_SHARDS = 0xfffffffe;

/** Where the image of every sample is: a folder and a name, or a position in shards. 8 bytes a sample. */
export class ImagePlaces {
  /** Samples whose image is found. */
  count = 0;
  readonly length: number;
  readonly #stemOf: (sample: number) => string;
  readonly #folders: ImageFolder[] = [];
  readonly #folderOf: Uint32Array;
  /** Number of the file name's ending in `#endings`, or the position in the shards. */
  readonly #where: Uint32Array;
  readonly #endings: string[] = [];
  /** File names that are not the expected name and an ending: upper case, another Unicode form. */
  readonly #otherNames = new Map<number, string>();

  /** @param ids where file names are ids and an ending, instead of what `fileNames` says. */
  constructor(fileNames: Texts, ids?: Texts) {
    this.length = ids?.length ?? fileNames.length;
    this.#stemOf = ids ? (sample) => ids.at(sample)! : (sample) => posix.parse(fileNames.at(sample)!).name;
    this.#folderOf = new Uint32Array(this.length).fill(NOWHERE);
    this.#where = new Uint32Array(this.length);
  }

  has(sample: number): boolean {
    return this.#folderOf[sample] !== NOWHERE;
  }

  /** Returns the folder's number. */
  addFolder(folder: ImageFolder): number {
    return this.#folders.push(folder) - 1;
  }

  /** The first place of a sample counts. */
  addFile(sample: number, folder: number, name: string): void {
    if (this.has(sample)) return;
    const stem = this.#stemOf(sample);
    this.#folderOf[sample] = folder;
    this.count++;
    if (!name.startsWith(stem)) {
      this.#otherNames.set(sample, name);
      return;
    }
    const ending = name.slice(stem.length);
    let number = this.#endings.indexOf(ending);
    if (number < 0) number = this.#endings.push(ending) - 1;
    this.#where[sample] = number;
  }

  addShard(sample: number, position: number): void {
    if (this.has(sample)) return;
    this.#folderOf[sample] = IN_SHARDS;
    this.#where[sample] = position;
    this.count++;
  }

  /** @param notes what else is known of the search. */
  result(notes: readonly string[], shards?: ShardSet): FoundImages {
    const found = new Uint32Array(this.count);
    const missing = new Uint32Array(this.length - this.count);
    for (let sample = 0, hits = 0, misses = 0; sample < this.length; sample++) {
      if (this.has(sample)) found[hits++] = sample;
      else missing[misses++] = sample;
    }
    const sampleAt = (position: number): number => {
      const sample = found[position];
      if (sample !== undefined) return sample;
      throw new CslError(
        "invalid-argument",
        `findImages: expected a position below ${found.length}, got ${position}.`,
      );
    };
    const at = (position: number): ImageSource => {
      const sample = sampleAt(position);
      const folder = this.#folders[this.#folderOf[sample]!];
      return folder ? join(folder.path, this.#fileName(sample)) : shards!.at(this.#where[sample]!);
    };
    const nameAt = (position: number): string => {
      const sample = sampleAt(position);
      const folder = this.#folders[this.#folderOf[sample]!];
      return folder ? posix.join(folder.name, this.#fileName(sample)) : shards!.nameAt(this.#where[sample]!);
    };
    return {
      found,
      missing,
      images: { length: found.length, at, nameAt },
      problems: [...(shards?.problems.map(({ text }) => text) ?? []), ...notes],
      identify: async () => {
        const folders = await Promise.all(this.#folders.map(({ path }) => realpath(path)));
        const links = new Map<number, string>();
        for (const sample of found) {
          const folder = this.#folders[this.#folderOf[sample]!];
          if (folder?.links?.has(this.#fileName(sample)))
            links.set(sample, await realpath(join(folder.path, this.#fileName(sample))));
        }
        return (position) => {
          const sample = sampleAt(position);
          const folder = folders[this.#folderOf[sample]!];
          if (folder === undefined) return `shards ${this.#where[sample]}`;
          return links.get(sample) ?? join(folder, this.#fileName(sample));
        };
      },
    };
  }

  #fileName(sample: number): string {
    return this.#otherNames.get(sample) ?? `${this.#stemOf(sample)}${this.#endings[this.#where[sample]!]}`;
  }
}
