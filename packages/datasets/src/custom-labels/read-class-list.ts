import { CslError } from "@csl/internal/errors/csl-error";
import { errorAbout } from "@csl/internal/errors/error-about";
import { readText } from "@csl/internal/files/read-text";
import { ClassList } from "@csl/labels";
import { parseString } from "fast-csv";

/**
 * A class list from a text file: one class a line, `id` or `id,name` (CSV quotes), with or without a header `id,name`;
 * without a name, the id is the name. Blank lines are ignored.
 *
 * @throws CslError `not-found`; `invalid-file` for an empty file, a repeated id, and more than two fields, with the line.
 */
export async function readClassList(path: string): Promise<ClassList> {
  try {
    const rows = await parseCsvText(await readText(path));
    const filled = rows
      .map((fields, i) => ({ fields: fields.map((field) => field.trim()), line: i + 1 }))
      .filter(({ fields }) => fields.some((field) => field !== ""));
    const start = filled[0]?.fields.join(",").toLowerCase();
    const other = [";", "\t"].find((sign) =>
      filled.every(({ fields: [id] }) => id!.split(sign).length === 2),
    );
    if (filled.length > 0 && other !== undefined) {
      throw new CslError(
        "invalid-file",
        `expected id,name separated by commas, got ${JSON.stringify(filled[0]!.fields[0])}. Save it with commas.`,
      );
    }
    const entries = filled.slice(start === "id,name" || start === "id" ? 1 : 0).map(({ fields, line }) => {
      const [id = "", name = id] = fields;
      if (fields.length > 2 || id === "") {
        throw new CslError(
          "invalid-file",
          `expected id or id,name in row ${line}, got ${JSON.stringify(fields.join(","))}.`,
        );
      }
      return { id, name: name || id };
    });
    if (entries.length === 0) throw new CslError("invalid-file", "expected at least one class, got none.");
    return ClassList.from(entries);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw errorAbout(`readClassList: ${path}`, cause, {
      code: code === "ENOENT" ? "not-found" : code === undefined ? "invalid-file" : "cannot-read",
    });
  }
}

function parseCsvText(text: string): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const rows: string[][] = [];
    parseString(text, { headers: false })
      .on("data", (fields: string[]) => rows.push(fields))
      .on("error", reject)
      .on("end", () => resolve(rows));
  });
}
