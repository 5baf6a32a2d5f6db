import { type FileHandle, open } from "node:fs/promises";
import { JsonCursor, needMore } from "./json-cursor.js";

const BLOCK = 8 << 20;

export interface ScanOptions {
  /** Called after every block with the bytes read so far and the size of the file. */
  onProgress?: (read: number, total: number) => void;
  /** Bytes read at a time. */
  blockSize?: number;
}

/**
 * Walks the top-level object of a JSON file block by block. For every element of a list under one of `handlers`'
 * keys the handler is called with the cursor on that element and must consume it; everything else is skipped. The
 * keys may come in any order. Memory: one block, more only while a single element is longer than that.
 *
 * A handler may be called again for the same element (after more bytes came), so it must keep what it found only
 * once it has consumed the element.
 *
 * @returns the keys of `handlers` that the file has.
 * @throws for a file that is empty, cut off, or no JSON object, with the byte's position.
 */
export async function scanJson(
  path: string,
  handlers: Readonly<Record<string, (cursor: JsonCursor) => void>>,
  { onProgress, blockSize = BLOCK }: ScanOptions = {},
): Promise<Set<string>> {
  const file = await open(path, "r");
  try {
    const total = (await file.stat()).size;
    const scan = new Scan(file, blockSize, (read) => onProgress?.(read, total));
    return await scan.topLevel(handlers);
  } finally {
    await file.close();
  }
}

class Scan {
  readonly #file: FileHandle;
  readonly #blockSize: number;
  readonly #cursor = new JsonCursor();
  readonly #onRead: (read: number) => void;

  constructor(file: FileHandle, blockSize: number, onRead: (read: number) => void) {
    this.#file = file;
    this.#blockSize = blockSize;
    this.#onRead = onRead;
    this.#cursor.bytes = Buffer.allocUnsafe(blockSize);
  }

  async topLevel(handlers: Readonly<Record<string, (cursor: JsonCursor) => void>>): Promise<Set<string>> {
    const names = Object.keys(handlers);
    const keys = names.map((name) => Buffer.from(name));
    const seen = new Set<string>();
    const c = this.#cursor;
    await this.#more();
    if (c.end === 0)
      throw new Error("expected a JSON object, got an empty file (0 bytes). Download it again.");
    // A byte-order mark, as some editors write.
    if (c.bytes[0] === 0xef && c.bytes[1] === 0xbb && c.bytes[2] === 0xbf) c.pos = 3;
    if (await this.#try(() => c.open("{", "}"))) {
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
    if (!(await this.#try(() => c.open("[", "]")))) return;
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
    if (!(await this.#try(() => c.open("{", "}")))) return;
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

  /** Moves what is left to the front of the window (a longer one if it is still full) and reads on. */
  async #more(): Promise<void> {
    const c = this.#cursor;
    const left = c.end - c.pos;
    const source = c.bytes;
    if (left > c.bytes.length / 2) c.bytes = Buffer.allocUnsafe(c.bytes.length * 2);
    source.copy(c.bytes, 0, c.pos, c.end);
    c.base += c.pos;
    c.pos = 0;
    const length = Math.min(this.#blockSize, c.bytes.length - left);
    const { bytesRead } = await this.#file.read(c.bytes, left, length);
    c.end = left + bytesRead;
    c.atEnd = bytesRead === 0;
    this.#onRead(c.base + c.end);
  }
}

const skip = (cursor: JsonCursor): void => cursor.skip();
