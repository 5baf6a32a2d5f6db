import { Sha256 } from "@csl/internal/bytes/sha256";
import { scanCsv } from "@csl/internal/csv/scan-csv";
import { CslError } from "@csl/internal/errors/csl-error";
import { errorAbout } from "@csl/internal/errors/error-about";
import { ClassList } from "@csl/labels";

/** What each class is to a head that takes embeddings, row by row. */
export interface ClassEmbeddings {
  path: string;
  classes: ClassList;
  /** Numbers of each class. */
  width: number;
  /** [classes, width] */
  values: Float32Array;
}

/**
 * Reads `--class-embeddings`: CSV of a class per line, `id,number,number,…`; a first line `id,…` is a heading, and after
 * `id,name,…` each line has a name behind its id.
 *
 * @param wanted the classes to take, in their order; default: all of the file, in its
 * @throws CslError naming file and line of what is no such row, or the classes that have none
 */
export async function readClassEmbeddings(
  path: string,
  speaker: string,
  wanted?: ClassList,
): Promise<ClassEmbeddings> {
  const about = `${speaker}: --class-embeddings ${path}`;
  const rows = new Map<string, { name: string; numbers: Float32Array }>();
  try {
    let hasNames = false;
    let first = true;
    for await (const { line, fields, bad } of scanCsv(path)) {
      const cells = (bad ? [] : fields).map((field) => field.trim());
      const isHeading = first && cells[0]?.toLowerCase() === "id";
      first = false;
      if (isHeading) {
        hasNames = cells[1]?.toLowerCase() === "name";
        continue;
      }
      const [id = "", name = ""] = cells;
      const numbers = Float32Array.from(cells.slice(hasNames ? 2 : 1), (cell) =>
        cell === "" ? Number.NaN : Number(cell),
      );
      requireRow({ line, id, numbers }, rows);
      if (!wanted || wanted.has(id)) rows.set(id, { name: hasNames ? name : id, numbers });
    }
  } catch (error) {
    throw errorAbout(about, error, { code: "cannot-read" });
  }
  const lacking = wanted?.ids.filter((id) => !rows.has(id)) ?? [];
  if (lacking.length > 0)
    throw new CslError(
      "mismatch",
      `${about}: expected an embedding for each of the ${wanted!.size} classes, got none for ${lacking.length} ` +
        `(${lacking.slice(0, 3).join(", ")}${lacking.length > 3 ? ", …" : ""}). Its first cells must be the ids of the classes.`,
    );
  if (rows.size === 0)
    throw new CslError("invalid-file", `${about}: expected a line per class (id,number,number,…), got none.`);
  const classes = wanted ?? ClassList.from([...rows].map(([id, { name }]) => ({ id, name })));
  const width = rows.get(classes.ids[0]!)!.numbers.length;
  const values = new Float32Array(classes.size * width);
  for (const [i, id] of classes.ids.entries()) values.set(rows.get(id)!.numbers, i * width);
  return { path, classes, width, values };
}

/** A hash of the numbers: whether a resume has the same, whatever their file is called. */
export function classEmbeddingsHash({ values }: ClassEmbeddings): string {
  return new Sha256().update(values).hex();
}

function requireRow(
  { line, id, numbers }: { line: number; id: string; numbers: Float32Array },
  rows: ReadonlyMap<string, { numbers: Float32Array }>,
): void {
  const refuse = (message: string): CslError => new CslError("invalid-file", `line ${line}: ${message}`);
  const wrong = numbers.findIndex((value) => !Number.isFinite(value));
  if (id === "" || numbers.length === 0 || wrong >= 0)
    throw refuse(
      `expected an id and numbers (id,number,number,…), got ${wrong >= 0 ? `no finite number as number ${wrong + 1}` : "fewer cells"}.`,
    );
  if (rows.has(id)) throw refuse(`expected every class once, got "${id}" again.`);
  const width = [...rows.values()][0]?.numbers.length ?? numbers.length;
  if (numbers.length !== width)
    throw refuse(`expected ${width} numbers, as the lines before, got ${numbers.length}.`);
}
