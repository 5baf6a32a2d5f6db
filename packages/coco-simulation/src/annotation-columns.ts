import { CslError } from "@csl/internal/errors/csl-error";
import { IdNumbers } from "@csl/internal/json/id-numbers";
import type { JsonCursor } from "@csl/internal/json/json-cursor";
import { NumberColumn } from "@csl/internal/json/number-column";

const KEYS = ["image_id", "category_id", "area", "iscrowd", "bbox"].map((key) => Buffer.from(key));

/** The four facts of every annotation that image-level labels need, 13 bytes each; ids are numbered as they appear. */
export class AnnotationColumns {
  readonly imageIds: IdNumbers = new IdNumbers();
  readonly categoryIds: IdNumbers = new IdNumbers();
  crowds = 0;
  readonly #images: NumberColumn = new NumberColumn(Uint32Array);
  readonly #categories: NumberColumn = new NumberColumn(Uint32Array);
  readonly #areas: NumberColumn = new NumberColumn(Float32Array);
  readonly #crowd: NumberColumn = new NumberColumn(Uint8Array);

  get length(): number {
    return this.#images.length;
  }

  /** Reads the annotation under the cursor. Skips the polygons; keeps nothing when it has to be called again. */
  read(cursor: JsonCursor): void {
    cursor.peek("an annotation");
    const { offset } = cursor;
    let image = -1;
    let category = -1;
    let area = -1;
    let boxAt = -1;
    let crowd = false;
    if (cursor.open("{")) {
      do {
        switch (cursor.key(KEYS)) {
          case 0:
            image = this.imageIds.read(cursor, "image_id");
            break;
          case 1:
            category = this.categoryIds.read(cursor, "category_id");
            break;
          case 2:
            area = readArea(cursor);
            break;
          case 3:
            crowd = readFlag(cursor);
            break;
          case 4:
            // Parsed only if the area turns out to be missing.
            boxAt = cursor.pos;
            cursor.skip();
            break;
          default:
            cursor.skip();
        }
      } while (cursor.more("}"));
    }
    if (image < 0 || category < 0) {
      throw new CslError(
        "invalid-file",
        `expected image_id and category_id in the annotation at byte ${offset}, got none. Is it an instances file?`,
      );
    }
    this.#images.push(image);
    this.#categories.push(category);
    this.#areas.push(area >= 0 ? area : boxAt >= 0 ? boxArea(cursor, boxAt) : 0);
    this.#crowd.push(crowd ? 1 : 0);
    if (crowd) this.crowds++;
  }

  /** In file order; `image` and `category` are numbers of `imageIds` and `categoryIds`. */
  forEach(visit: (image: number, category: number, area: number, crowd: boolean) => void): void {
    for (let i = 0; i < this.length; i++) {
      visit(this.#images.at(i), this.#categories.at(i), this.#areas.at(i), this.#crowd.at(i) === 1);
    }
  }
}

/** `iscrowd` is 0 or 1; some tools write true and false, or texts. */
function readFlag(cursor: JsonCursor): boolean {
  const first = cursor.peek("iscrowd");
  if (first === 0x30 || first === 0x31) return cursor.number("iscrowd") === 1;
  const value = cursor.value();
  return value === true || Number(value) === 1;
}

/** -1 for null, NaN (as Python writes it) and what else is no number: the box tells instead. */
function readArea(cursor: JsonCursor): number {
  const first = cursor.peek("area");
  if (first >= 0x30 && first <= 0x39) return cursor.number("area");
  const value = cursor.value();
  return typeof value === "number" ? value : -1;
}

/** Width times height of the box that was skipped at `at`. */
function boxArea(cursor: JsonCursor, at: number): number {
  const { pos } = cursor;
  cursor.pos = at;
  const box = cursor.value();
  cursor.pos = pos;
  return Array.isArray(box) ? Number(box[2]) * Number(box[3]) || 0 : 0;
}
