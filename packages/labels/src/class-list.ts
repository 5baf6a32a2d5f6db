import { Sha256 } from "@csl/internal/bytes/sha256";
import { CslError } from "@csl/internal/errors/csl-error";
import { nearMatches } from "@csl/internal/text/near-matches";

/** A class as files carry it: `id` is its identity (MID, COCO or LVIS id), `name` is for people only. */
export interface ClassEntry {
  readonly id: string;
  readonly name: string;
}

/**
 * An ordered list of classes, keyed by id. Position i is column i of every label row, logit and prior; names may
 * repeat (12 of OpenImages' do), ids may not.
 */
export class ClassList {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly #indexOf: ReadonlyMap<string, number>;
  #hash: string | undefined;

  private constructor(
    ids: readonly string[],
    names: readonly string[],
    indexOf: ReadonlyMap<string, number>,
  ) {
    this.ids = ids;
    this.names = names;
    this.#indexOf = indexOf;
  }

  /** @throws when an id is missing, not a string, or repeated. */
  static from(entries: Iterable<ClassEntry>): ClassList {
    const ids: string[] = [];
    const names: string[] = [];
    const indexOf = new Map<string, number>();
    for (const { id, name } of entries) {
      if (typeof id !== "string" || id === "") {
        throw new CslError(
          "invalid-argument",
          `ClassList: expected a non-empty text id for class ${ids.length}, got ${JSON.stringify(id)}. Numeric ids: String(id).`,
        );
      }
      const earlier = indexOf.get(id);
      if (earlier !== undefined) {
        throw new CslError(
          "invalid-argument",
          `ClassList: expected every id once, got ${JSON.stringify(id)} at positions ${earlier} and ${ids.length}. ` +
            "A class is known by its id; only display names may repeat.",
        );
      }
      indexOf.set(id, ids.length);
      ids.push(id);
      names.push(typeof name === "string" ? name : id);
    }
    return new ClassList(Object.freeze(ids), Object.freeze(names), indexOf);
  }

  get size(): number {
    return this.ids.length;
  }

  has(id: string): boolean {
    return this.#indexOf.has(id);
  }

  /** The position of a class. @throws CslError `not-found` for an unknown id, with the classes that were probably meant. */
  indexOf(id: string): number {
    const index = this.#indexOf.get(id);
    if (index !== undefined) return index;
    throw new CslError("not-found", `ClassList: ${this.describeUnknown(id)}`);
  }

  /** What to say about an id that the list does not have, with the classes that were probably meant. */
  describeUnknown(id: string): string {
    return `unknown id ${JSON.stringify(id)} among ${this.size} classes.${this.#hint(id)}`;
  }

  #hint(id: string): string {
    const word = String(id);
    const named = this.names.flatMap((name, i) => (name === word ? [this.ids[i]!] : []));
    if (named.length > 0)
      return ` That is the display name of id ${named.map(quote).join(" and ")}; use the id.`;
    const near = [
      ...nearMatches(word, this.ids).map(quote),
      ...nearMatches(word, this.names).map(
        (name) => `${quote(this.ids[this.names.indexOf(name)]!)} (${name})`,
      ),
    ];
    return near.length > 0
      ? ` Did you mean ${near.join(" or ")}?`
      : ` It starts with ${quote(this.ids[0] ?? "")}.`;
  }

  /** SHA-256 (hex) over the ids in order: equal exactly when two lists mean the same columns. */
  hash(): string {
    this.#hash ??= new Sha256().update(JSON.stringify(this.ids)).hex();
    return this.#hash;
  }

  equals(other: ClassList): boolean {
    return this === other || (this.size === other.size && this.ids.every((id, i) => id === other.ids[i]));
  }

  toJSON(): ClassEntry[] {
    return this.ids.map((id, i) => ({ id, name: this.names[i]! }));
  }

  /** Reads what {@link toJSON} wrote. @throws when `json` is not a list of `{ id, name }`. */
  static fromJSON(json: unknown): ClassList {
    if (!Array.isArray(json)) {
      throw new CslError(
        "invalid-argument",
        `ClassList: expected a list of { id, name }, got ${describe(json)}.`,
      );
    }
    json.forEach((entry: unknown, i) => {
      if (typeof entry !== "object" || entry === null || !("id" in entry)) {
        throw new CslError(
          "invalid-argument",
          `ClassList: expected { id, name } at position ${i}, got ${describe(entry)}.`,
        );
      }
    });
    return ClassList.from(json as ClassEntry[]);
  }
}

/**
 * Throws unless both lists have the same ids in the same order; the message says where they differ.
 *
 * @param speaker the name of the caller, with which errors begin: `loadCheckpoint`.
 * @throws CslError `mismatch`.
 */
export function expectSameClasses(expected: ClassList, actual: ClassList, speaker: string): void {
  if (expected.equals(actual)) return;
  const missing = expected.ids.filter((id) => !actual.has(id));
  const extra = actual.ids.filter((id) => !expected.has(id));
  const first = expected.ids.findIndex((id, i) => id !== actual.ids[i]);
  const difference =
    missing.length + extra.length === 0
      ? `the order differs from position ${first} on (${quote(expected.ids[first]!)} against ${quote(actual.ids[first]!)})`
      : [some("missing", missing), some("not expected", extra)].filter(Boolean).join("; ");
  throw new CslError(
    "mismatch",
    `${speaker}: expected the class list of ${expected.size} classes (${expected.hash().slice(0, 8)}), ` +
      `got one of ${actual.size} (${actual.hash().slice(0, 8)}): ${difference}. Columns would mean different classes; ` +
      "use files that were made from the same class list.",
  );
}

const quote = (id: string): string => JSON.stringify(id);
const describe = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? String(value);

function some(what: string, ids: readonly string[]): string {
  if (ids.length === 0) return "";
  return `${ids.length} ${what} (${ids.slice(0, 3).map(quote).join(", ")}${ids.length > 3 ? ", …" : ""})`;
}
