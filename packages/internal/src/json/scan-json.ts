import { CslError } from "../errors/csl-error.js";
import type { ReadBlocksOptions } from "../files/read-blocks.js";
import { readTextBlocks } from "../files/read-text-blocks.js";
import { JsonCursor, needMore } from "./json-cursor.js";

export type ScanOptions = ReadBlocksOptions;

/**
 * Walks the top-level object of a JSON file (or a gzipped one) block by block. For every element of a list under one of `handlers`'
 * keys the handler is called with the cursor on that element and must consume it; everything else is skipped. The
 * keys may come in any order. Memory: four blocks, more only while a single element is longer than that.
 *
 * A handler may be called again for the same element (after more bytes came), so it must keep what it found only
 * once it has consumed the element.
 *
 * @returns the keys of `handlers` that the file has.
 * @throws CslError for a file that is empty, cut off, or no JSON object, with the byte's position; messages do not name
 *   the file.
 */
export async function scanJson(
  path: string,
  handlers: Readonly<Record<string, (cursor: JsonCursor) => void>>,
  options: ScanOptions = {},
): Promise<Set<string>> {
  const blocks = readTextBlocks(path, options);
  try {
    return await new Scan(blocks).topLevel(handlers);
  } finally {
    await blocks.return();
  }
}

class Scan {
  readonly #blocks: AsyncGenerator<Buffer, void, undefined>;
  readonly #cursor = new JsonCursor();

  constructor(blocks: AsyncGenerator<Buffer, void, undefined>) {
    this.#blocks = blocks;
  }

  async topLevel(handlers: Readonly<Record<string, (cursor: JsonCursor) => void>>): Promise<Set<string>> {
    const names = Object.keys(handlers);
    const keys = names.map((name) => Buffer.from(name));
    const seen = new Set<string>();
    const c = this.#cursor;
    await this.#more();
    if (c.end === 0)
      throw new CslError(
        "invalid-file",
        "expected a JSON object, got an empty file (0 bytes). Download it again.",
      );
    if (await this.#try(() => c.open("{"))) {
      do {
        const name = names[await this.#try(() => c.key(keys))];
        const first = await this.#try(() => c.peek("a value"));
        if (name !== undefined && first !== 0x5b) throw c.fail(`a list under "${name}"`);
        if (first === 0x5b) await this.#elements(name === undefined ? skip : handlers[name]!);
        else if (first === 0x7b) await this.#skipObject();
        else await this.#try(() => c.skip());
        if (name !== undefined) seen.add(name);
      } while (await this.#try(() => c.more("}")));
    }
    await this.#nothingMore();
    return seen;
  }

  /** Elements that lie whole in the window are handled without an await: there are hundreds of thousands. */
  async #elements(handle: (cursor: JsonCursor) => void): Promise<void> {
    const c = this.#cursor;
    if (!(await this.#try(() => c.open("[")))) return;
    let start = c.pos;
    let afterElement = false;
    for (;;) {
      try {
        for (;;) {
          start = c.pos;
          if (afterElement) {
            if (!c.more("]")) return;
          } else {
            handle(c);
          }
          afterElement = !afterElement;
        }
      } catch (error) {
        if (error !== needMore) throw error;
        c.pos = start;
        await this.#more();
      }
    }
  }

  /** Member by member, so that a long one needs no long window. */
  async #skipObject(): Promise<void> {
    const c = this.#cursor;
    if (!(await this.#try(() => c.open("{")))) return;
    do {
      await this.#try(() => c.key([]));
      await this.#try(() => c.skip());
    } while (await this.#try(() => c.more("}")));
  }

  async #nothingMore(): Promise<void> {
    const c = this.#cursor;
    for (;;) {
      try {
        c.peek("the end of the file");
      } catch (error) {
        if (error !== needMore) return; // the end, as it should be
        await this.#more();
        continue;
      }
      throw c.fail("the end of the file");
    }
  }

  /** Runs `action`, again from the same place with more bytes as long as it needs them. */
  async #try<T>(action: () => T): Promise<T> {
    let start = this.#cursor.pos;
    for (;;) {
      try {
        return action();
      } catch (error) {
        if (error !== needMore) throw error;
        this.#cursor.pos = start;
        await this.#more();
        start = 0;
      }
    }
  }

  /** Moves what is left to the front of the window and puts the next block behind it. */
  async #more(): Promise<void> {
    const c = this.#cursor;
    const { value: block } = await this.#blocks.next();
    const left = c.end - c.pos;
    const needed = left + (block?.length ?? 0);
    // Twice what is needed, so that an element of many blocks is not copied once for each of them.
    if (needed > c.bytes.length) c.grow(needed * 2);
    else c.bytes.copyWithin(0, c.pos, c.end);
    c.base += c.pos;
    c.pos = 0;
    if (block) c.bytes.set(block, left);
    c.end = needed;
    c.atEnd = block === undefined;
  }
}

const skip = (cursor: JsonCursor): void => cursor.skip();
