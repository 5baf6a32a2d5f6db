import { plainPath } from "../text/plain-path.js";

export interface ImageRecord {
  fileName: string;
  /** 0 where the file does not say. */
  width: number;
  height: number;
}

const EXAMPLES = 3;

/**
 * The images of a file by id. Ids of one file name are one image, so that what is drawn under one id is not absent under
 * the other. An id of two file names, and a file name of two sizes, tell nothing: such images are left out.
 */
export class ImageRecords {
  readonly #records = new Map<string, ImageRecord>();
  /** The first id of each file name. */
  readonly #idOf = new Map<string, string>();
  readonly #firstIds = new Map<string, string>();
  readonly #unclear = new Set<string>();
  /** The same image again, under the same id. */
  repeated = 0;
  /** The first few, as `a.jpg: 1 and 4017`. */
  readonly sameExamples: string[] = [];
  readonly unclearExamples: string[] = [];

  add(id: string, record: ImageRecord): void {
    const path = pathOf(record);
    const known = this.#records.get(id);
    if (known) {
      if (pathOf(known) === path) this.repeated++;
      else this.#leaveOut([id], `id ${id}: ${known.fileName} and ${record.fileName}`);
      return;
    }
    this.#records.set(id, record);
    const first = this.#idOf.get(path);
    if (first === undefined) {
      this.#idOf.set(path, id);
      return;
    }
    const other = this.#records.get(first)!;
    if (sizesDiffer(other, record))
      this.#leaveOut(
        [first, id],
        `${record.fileName}: ${other.width}×${other.height} as ${first} and ${record.width}×${record.height} as ${id}`,
      );
    else {
      this.#firstIds.set(id, first);
      if (this.sameExamples.length < EXAMPLES)
        this.sameExamples.push(`${record.fileName}: ${first} and ${id}`);
    }
  }

  /** Ids that the file lists. */
  get size(): number {
    return this.#records.size;
  }

  /** Ids that are another one's image. */
  get same(): number {
    return [...this.#firstIds.values()].filter((first) => !this.#unclear.has(first)).length;
  }

  /** Ids of which it is not known which image they are. */
  get unclear(): number {
    return [...this.#records.keys()].filter((id) => this.isUnclear(id)).length;
  }

  isUnclear(id: string): boolean {
    return (
      this.#unclear.size > 0 && (this.#unclear.has(id) || this.#unclear.has(this.#firstIds.get(id) ?? id))
    );
  }

  /** The id under which an image is a sample; undefined for one that is not listed, or left out. */
  sampleId(id: string): string | undefined {
    if (!this.#records.has(id) || this.isUnclear(id)) return undefined;
    return this.#firstIds.get(id) ?? id;
  }

  /** Ids of the images that are samples, in the order of the file. */
  *sampleIds(): Generator<string, void, undefined> {
    for (const id of this.#records.keys()) if (this.sampleId(id) === id) yield id;
  }

  get(id: string): ImageRecord {
    return this.#records.get(id)!;
  }

  #leaveOut(ids: readonly string[], why: string): void {
    for (const id of ids) this.#unclear.add(id);
    if (this.unclearExamples.length < EXAMPLES) this.unclearExamples.push(why);
  }
}

const pathOf = ({ fileName }: ImageRecord): string => plainPath(fileName).normalize("NFC");

const sizesDiffer = (a: ImageRecord, b: ImageRecord): boolean =>
  a.width * b.width * a.height * b.height > 0 && (a.width !== b.width || a.height !== b.height);
