import { readFile } from "node:fs/promises";
import { ClassList } from "@csl/labels";
import { parseString } from "fast-csv";

/**
 * A class list from a text file: one class a line, `id` or `id,name` (CSV quotes), with or without a header `id,name`;
 * without a name, the id is the name. Blank lines are passed over.
 *
 * @throws for a missing or empty file, a repeated id, and more than two fields, with the line.
 */
export async function readClassList(path: string): Promise<ClassList> {
  try {
    const text = (await readFile(path, "utf8")).replace(/^\ufeff/, "");
    const rows = await parsed(text);
    const start = rows[0]?.map((field) => field.trim().toLowerCase()).join(",");
    const entries = rows
      .map((fields, i) => ({ fields: fields.map((field) => field.trim()), line: i + 1 }))
      .filter(({ fields }) => fields.some((field) => field !== ""))
      .slice(start === "id,name" || start === "id" ? 1 : 0)
      .map(({ fields, line }) => {
        const [id = "", name = id] = fields;
        if (fields.length > 2 || id === "") {
          throw new Error(`expected id or id,name in row ${line}, got ${JSON.stringify(fields.join(","))}.`);
        }
        return { id, name: name || id };
      });
    if (entries.length === 0) throw new Error("expected at least one class, got none.");
    return ClassList.from(entries);
  } catch (cause) {
    throw new Error(`readClassList: ${path}: ${(cause as Error).message}`, { cause });
  }
}

function parsed(text: string): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const rows: string[][] = [];
    parseString(text, { headers: false })
      .on("data", (fields: string[]) => rows.push(fields))
      .on("error", reject)
      .on("end", () => resolve(rows));
  });
}
