import { BLOCK } from "@csl/internal/tar/tar-header";
import { splitSampleName } from "./sample-name.js";
import { IS_CLS, type ShardIndex } from "./shard-index.js";

/**
 * Groups the files of a shard to samples: neighbours with the same key are one. Its image is the one whose ending is one
 * word (`x.jpg`), else the only one with a longer ending (`x.input.jpg`); of several of those none is known to be it. A
 * file of the same name as one before it in its sample begins another sample with that key.
 */
export class SampleCollector {
  #imageBlocks = new GrowingArray();
  #imageLengths = new GrowingArray();
  #labelBlocks = new GrowingArray();
  #labelLengths = new GrowingArray();
  #keyEnds = new GrowingArray();
  #keys = new Uint8Array(1 << 14);
  #keysEnd = 0;
  /** The sample that files are being added to: the bytes of its key follow those of the finished ones. */
  #open = { key: 0, image: 0, imageLength: 0, label: 0, labelLength: 0, any: false };
  /** Endings of the open sample's files. */
  #endings: string[] = [];
  #labels = 0;
  withoutImage = 0;
  /** Samples with several images that could be theirs, and the files of the first. */
  ambiguous = { count: 0, first: "" };
  /** Where the open sample's images with a longer ending are. */
  #inner: { ending: string; block: number; length: number }[] = [];
  readonly #innerEndings = new Map<number, string>();

  add(name: Uint8Array, offset: number, size: number): void {
    const parts = splitSampleName(name);
    if (!parts) return;
    const { start, end, member, ending } = parts;
    const continues = this.#open.any && !this.#endings.includes(ending) && this.#isOpenKey(name, start, end);
    if (!continues) this.#begin(name, start, end);
    this.#endings.push(ending);
    const open = this.#open;
    if (member === "image" && open.image === 0 && size < 2 ** 32) {
      open.image = offset / BLOCK;
      open.imageLength = size;
    } else if (member === "inner image" && size < 2 ** 32) {
      this.#inner.push({ ending, block: offset / BLOCK, length: size });
    } else if ((member === "json" || member === "cls") && open.label === 0 && size < IS_CLS) {
      open.label = offset / BLOCK;
      open.labelLength = member === "cls" ? size + IS_CLS : size;
    }
  }

  finish(): Omit<ShardIndex, "problems"> {
    this.#close();
    const none = new Uint32Array(0);
    return {
      count: this.#keyEnds.length,
      imageBlocks: this.#imageBlocks.finish(),
      imageLengths: this.#imageLengths.finish(),
      labelBlocks: this.#labels > 0 ? this.#labelBlocks.finish() : none,
      labelLengths: this.#labels > 0 ? this.#labelLengths.finish() : none,
      keyEnds: this.#keyEnds.finish(),
      keys: this.#keys.slice(0, this.#keysEnd),
      innerEndings: this.#innerEndings,
    };
  }

  #isOpenKey(name: Uint8Array, start: number, end: number): boolean {
    if (end - start !== this.#open.key) return false;
    for (let i = start, j = this.#keysEnd; i < end; i++, j++) if (name[i] !== this.#keys[j]) return false;
    return true;
  }

  #begin(name: Uint8Array, start: number, end: number): void {
    this.#close();
    while (this.#keysEnd + end - start > this.#keys.length) {
      const larger = new Uint8Array(this.#keys.length * 2);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys.set(name.subarray(start, end), this.#keysEnd);
    this.#open = { key: end - start, image: 0, imageLength: 0, label: 0, labelLength: 0, any: true };
    this.#endings.length = 0;
    this.#inner.length = 0;
  }

  #close(): void {
    const { key, label, labelLength, any } = this.#open;
    let { image, imageLength } = this.#open;
    if (!any) return;
    this.#open.any = false;
    const [inner, ...others] = this.#inner;
    if (image === 0 && others.length > 0) {
      if (this.ambiguous.count++ === 0) {
        const name = new TextDecoder().decode(this.#keys.subarray(this.#keysEnd, this.#keysEnd + key));
        this.ambiguous.first = this.#inner.map(({ ending }) => `${name}.${ending}`).join(", ");
      }
      return;
    }
    if (image === 0 && inner) {
      image = inner.block;
      imageLength = inner.length;
      this.#innerEndings.set(this.#keyEnds.length, inner.ending);
    }
    if (image === 0) {
      this.withoutImage++;
      return;
    }
    this.#keysEnd += key;
    this.#keyEnds.push(this.#keysEnd);
    this.#imageBlocks.push(image);
    this.#imageLengths.push(imageLength);
    this.#labelBlocks.push(label);
    this.#labelLengths.push(labelLength);
    if (label > 0) this.#labels++;
  }
}

/** Whole numbers below 2^32, appended one by one to memory that doubles. */
class GrowingArray {
  #values = new Uint32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  /** A copy of just the right length. */
  finish(): Uint32Array {
    return this.#values.slice(0, this.length);
  }
}
