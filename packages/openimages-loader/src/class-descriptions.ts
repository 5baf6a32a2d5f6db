import { ClassList } from "@csl/labels";
import { csvRows } from "./csv-rows.js";

/**
 * OpenImages' class descriptions (`LabelName,DisplayName`, or the boxable file without a header) as a class list.
 * Names hold commas, quotes and any script, and repeat; classes are told apart by their MID alone.
 *
 * @throws for a row that has not two columns (a name with a comma but without quotes), a repeated MID, an empty file.
 */
export async function readClassDescriptions(path: string): Promise<ClassList> {
  const entries: { id: string; name: string }[] = [];
  const wrong = (line: number, what: string): Error =>
    new Error(
      `readClassDescriptions: expected "MID,name" in ${path}:${line}, got ${what}. Names with commas need quotes.`,
    );
  const broken = (line: number, reason: string): never => {
    throw wrong(line, reason);
  };
  for await (const { line, fields } of csvRows(path, { speaker: "readClassDescriptions", broken })) {
    const [id, name] = fields.map((field) => field.trim());
    if (line === 1 && id?.toLowerCase() === "labelname") continue;
    if (fields.length !== 2 || !id) throw wrong(line, JSON.stringify(fields.join(",").slice(0, 80)));
    entries.push({ id, name: name! });
  }
  if (entries.length === 0) {
    throw new Error(`readClassDescriptions: expected classes in ${path}, got none. Download it again.`);
  }
  try {
    return ClassList.from(entries);
  } catch (cause) {
    throw new Error(`readClassDescriptions: ${path}: ${(cause as Error).message}`, { cause });
  }
}
