import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { errorAbout } from "@csl/internal/errors/error-about";
import { readError } from "@csl/internal/errors/read-error";
import { readText } from "@csl/internal/files/read-text";
import { ClassList } from "@csl/labels";
import { csvRows } from "../csv-rows.js";

/**
 * OpenImages' class descriptions (`LabelName,DisplayName`, or the boxable file without a header) as a class list.
 * Names hold commas, quotes and any script, and repeat; classes are distinguished by their MID alone.
 *
 * @throws CslError `not-found`; `invalid-file` for a row that has not two columns (a name with a comma but without quotes), a repeated MID, an empty file.
 */
export async function readClassDescriptions(path: string): Promise<ClassList> {
  const entries: { id: string; name: string }[] = [];
  const wrong = (line: number, what: string): CslError =>
    new CslError(
      "invalid-file",
      `readClassDescriptions: expected "MID,name" in ${path}:${line}, got ${what}. Names with commas need quotes.`,
    );
  for await (const { line, fields, reason } of csvRows(path, "readClassDescriptions")) {
    if (reason) throw wrong(line, reason);
    const [id, name] = fields.map((field) => field.trim());
    if (line === 1 && id?.toLowerCase() === "labelname") continue;
    if (fields.length !== 2 || !id) throw wrong(line, JSON.stringify(fields.join(",").slice(0, 80)));
    entries.push({ id, name: name! });
  }
  if (entries.length === 0) {
    throw new CslError(
      "invalid-file",
      `readClassDescriptions: expected classes in ${path}, got none. Download it again.`,
    );
  }
  try {
    return ClassList.from(entries);
  } catch (cause) {
    throw errorAbout(`readClassDescriptions: ${path}`, cause, { code: "invalid-file" });
  }
}

/**
 * A list of class ids, one a line, as `classes-trainable.txt` is; a header `LabelName` is skipped.
 *
 * @throws CslError `not-found`; `invalid-file` for an empty file, a repeated id, or lines that hold more than an id.
 */
export async function readClassIds(path: string): Promise<string[]> {
  const text = await readText(path).catch((cause: unknown) => {
    throw isCslError(cause)
      ? errorAbout(`readClassIds: ${path}`, cause)
      : readError("readClassIds", path, cause);
  });
  const ids = new Set<string>();
  text.split(/\r?\n/).forEach((written, i) => {
    const id = written.trim();
    if (id === "" || (i === 0 && id.toLowerCase() === "labelname")) return;
    if (/[\s,]/.test(id) || ids.has(id)) {
      throw new CslError(
        "invalid-file",
        `readClassIds: expected one new class id a line in ${path}:${i + 1}, got ${JSON.stringify(written.slice(0, 60))}. Class descriptions are read by readClassDescriptions.`,
      );
    }
    ids.add(id);
  });
  if (ids.size === 0)
    throw new CslError("invalid-file", `readClassIds: expected class ids in ${path}, got none.`);
  return [...ids];
}
