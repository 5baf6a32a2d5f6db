import { CslError } from "@csl/internal/errors/csl-error";
import { IdNumbers } from "@csl/internal/json/id-numbers";
import { badNumberId, type JsonCursor } from "@csl/internal/json/json-cursor";
import { NumberColumn } from "@csl/internal/json/number-column";

/** How many training images LVIS has of a class: rare (1 to 10), common (11 to 100), frequent (more). */
export type Frequency = "r" | "c" | "f";

const isFrequency = (value: unknown): value is Frequency => value === "r" || value === "c" || value === "f";

export interface LvisCategory {
  id: string;
  name: string;
  /** Undefined where the file gives none or another than r, c, f. */
  frequency: Frequency | undefined;
}

const LONGEST_RUN = 255;
const ANNOTATION_KEYS = ["image_id", "category_id"].map((key) => Buffer.from(key));
const IMAGE_KEYS = ["id", "coco_url", "file_name", "neg_category_ids", "not_exhaustive_category_ids"].map(
  (key) => Buffer.from(key),
);

/** Pairs of image and category numbers. A run of the same pair (the instances of one class) takes 9 bytes in all. */
class CellColumn {
  readonly #images: NumberColumn = new NumberColumn(Uint32Array);
  readonly #categories: NumberColumn = new NumberColumn(Uint32Array);
  readonly #runs: NumberColumn = new NumberColumn(Uint8Array);
  #image = 0;
  #category = 0;
  #run = 0;

  push(image: number, category: number): void {
    if (image === this.#image && category === this.#category && this.#run < LONGEST_RUN) {
      this.#run++;
      return;
    }
    this.#flush();
    this.#image = image;
    this.#category = category;
    this.#run = 1;
  }

  /** In the order of `push`; `run`: how many times in a row. */
  forEach(visit: (image: number, category: number, run: number) => void): void {
    this.#flush();
    for (let i = 0; i < this.#runs.length; i++) {
      visit(this.#images.at(i), this.#categories.at(i), this.#runs.at(i));
    }
  }

  #flush(): void {
    if (this.#run === 0) return;
    this.#images.push(this.#image);
    this.#categories.push(this.#category);
    this.#runs.push(this.#run);
    this.#run = 0;
  }
}

/**
 * What image-level labels need of an LVIS file, in columns: nothing is kept per annotation but two numbers. The lists
 * may come in any order, so that images and categories are numbered as they are first named anywhere.
 *
 * `readers` go to `scanJson`; each keeps what it read only once it has read all of the element.
 */
export class LvisColumns {
  readonly imageIds: IdNumbers = new IdNumbers();
  readonly categoryIds: IdNumbers = new IdNumbers();
  /** Image numbers in the order of `images`, again where one is listed again; their file names and URLs ("" for none). */
  readonly listed: number[] = [];
  readonly fileNames: string[] = [];
  readonly urls: string[] = [];
  readonly categories: LvisCategory[] = [];
  readonly positives: CellColumn = new CellColumn();
  readonly negatives: CellColumn = new CellColumn();
  readonly notExhaustive: CellColumn = new CellColumn();
  annotations = 0;
  /** The lists of the image being read; kept, since a hundred thousand new ones would be garbage. */
  readonly #absent: number[] = [];
  readonly #partly: number[] = [];
  readonly #categories = new Set<string>();

  readonly readers: Readonly<Record<"annotations" | "images" | "categories", (cursor: JsonCursor) => void>> =
    {
      annotations: (cursor) => this.#annotation(cursor),
      images: (cursor) => this.#image(cursor),
      categories: (cursor) => this.#category(cursor),
    };

  #annotation(cursor: JsonCursor): void {
    cursor.peek("an annotation");
    const { offset } = cursor;
    let image = -1;
    let category = -1;
    if (cursor.open("{")) {
      do {
        const key = cursor.key(ANNOTATION_KEYS);
        if (key === 0) image = this.imageIds.read(cursor, "image_id");
        else if (key === 1) category = this.categoryIds.read(cursor, "category_id");
        else cursor.skip();
      } while (cursor.more("}"));
    }
    if (image < 0 || category < 0) {
      throw new CslError(
        "invalid-file",
        `expected image_id and category_id in the annotation at byte ${offset}, got none. Is it an instances file?`,
      );
    }
    this.annotations++;
    this.positives.push(image, category);
  }

  #image(cursor: JsonCursor): void {
    cursor.peek("an image");
    const { offset } = cursor;
    let image = -1;
    let url = "";
    let fileName = "";
    this.#absent.length = 0;
    this.#partly.length = 0;
    if (cursor.open("{")) {
      do {
        const key = cursor.key(IMAGE_KEYS);
        if (key === 0) image = this.imageIds.read(cursor, "the image's id");
        else if (key === 1) url = readText(cursor);
        else if (key === 2) fileName = readText(cursor);
        else if (key === 3) this.#readCategories(cursor, this.#absent, "neg_category_ids");
        else if (key === 4) this.#readCategories(cursor, this.#partly, "not_exhaustive_category_ids");
        else cursor.skip();
      } while (cursor.more("}"));
    }
    if (image < 0)
      throw new CslError("invalid-file", `expected an id in the image at byte ${offset}, got none.`);
    if (url === "" && fileName === "") {
      throw new CslError(
        "invalid-file",
        `expected a coco_url or a file_name in the image at byte ${offset}, got neither.`,
      );
    }
    this.listed.push(image);
    this.urls.push(url);
    this.fileNames.push(url === "" ? fileName : imageName(url));
    for (const category of this.#absent) this.negatives.push(image, category);
    for (const category of this.#partly) this.notExhaustive.push(image, category);
  }

  #readCategories(cursor: JsonCursor, into: number[], what: string): void {
    // null, and NaN as Python writes it: none.
    const first = cursor.peek(what);
    if ((first === 0x6e || first === 0x4e) && cursor.value() === null) return;
    if (!cursor.open("[")) return;
    do into.push(this.categoryIds.read(cursor, what));
    while (cursor.more("]"));
  }

  #category(cursor: JsonCursor): void {
    cursor.peek("a category");
    const { offset } = cursor;
    const value = cursor.value() as { id?: unknown; name?: unknown; frequency?: unknown } | null;
    const id = value?.id;
    if (typeof id !== "number" && typeof id !== "string") {
      throw new CslError(
        "invalid-file",
        `expected a category with an id at byte ${offset}, got ${JSON.stringify(value)?.slice(0, 80)}.`,
      );
    }
    if (typeof id === "number" && !Number.isSafeInteger(id))
      throw badNumberId("the category's id", offset, id);
    if (this.#categories.has(String(id))) {
      throw new CslError(
        "invalid-file",
        `expected every category id once, got ${id} again at byte ${offset}.`,
      );
    }
    this.#categories.add(String(id));
    const frequency = isFrequency(value?.frequency) ? value.frequency : undefined;
    this.categories.push({ id: String(id), name: String(value?.name ?? id), frequency });
  }
}

/** A text; null counts as none. */
function readText(cursor: JsonCursor): string {
  const value = cursor.peek("a text") === 0x22 ? cursor.text() : cursor.value();
  return typeof value === "string" ? value : "";
}

/** The last two parts of an image's URL, folder and file: `train2017/000000391895.jpg`. */
export function imageName(url: string): string {
  const file = url.lastIndexOf("/");
  return url.slice(url.lastIndexOf("/", file - 1) + 1);
}
