import { readWholeFile } from "./read-whole-file.js";

/**
 * A list of class ids, one a line, as `classes-trainable.txt` is; a header `LabelName` is passed over.
 *
 * @throws for an empty file, a repeated id, or lines that hold more than an id.
 */
export async function readClassIds(path: string): Promise<string[]> {
  const text = (await readWholeFile(path, "readClassIds")).toString("utf8").replace(/^\uFEFF/, "");
  const ids = new Set<string>();
  text.split(/\r?\n/).forEach((written, i) => {
    const id = written.trim();
    if (id === "" || (i === 0 && id.toLowerCase() === "labelname")) return;
    if (/[\s,]/.test(id) || ids.has(id)) {
      throw new Error(
        `readClassIds: expected one new class id a line in ${path}:${i + 1}, got ${JSON.stringify(written.slice(0, 60))}. Class descriptions are read by readClassDescriptions.`,
      );
    }
    ids.add(id);
  });
  if (ids.size === 0) throw new Error(`readClassIds: expected class ids in ${path}, got none.`);
  return [...ids];
}
