import { ClassList } from "@csl/labels";
import { readClassDescriptions, readMidToClasses } from "@csl/openimages-loader";
import type { OpenedModel } from "./open-model.js";

/**
 * What to call a model's outputs: as its file says, by `--class-names` for a file that knows ids alone, or
 * "output 0", "output 1" … when nobody knows.
 *
 * @throws when `--class-names` knows none of the ids.
 */
export async function namesOfOutputs(
  { path, classes, outputNames, model: { numClasses } }: OpenedModel,
  classNames: string | undefined,
): Promise<ClassList> {
  if (!classes) {
    const names = outputNames?.length === numClasses ? outputNames : undefined;
    const entries = Array.from({ length: numClasses }, (_, i) => ({
      id: String(i),
      name: names?.[i] ?? `output ${i}`,
    }));
    return ClassList.from(entries);
  }
  if (classNames === undefined) return classes;
  const known = await namesById(classNames);
  if (!classes.ids.some((id) => known.has(id)))
    throw new Error(
      `csl infer: expected --class-names with the ids of ${path} (${classes.ids[0]}, …), got ${classNames} with none of them.`,
    );
  return ClassList.from(classes.ids.map((id, i) => ({ id, name: known.get(id) ?? classes.names[i]! })));
}

async function namesById(path: string): Promise<ReadonlyMap<string, string>> {
  if (/\.(pth|pt|pkl)$/.test(path)) return readMidToClasses(path);
  const { ids, names } = await readClassDescriptions(path);
  return new Map(ids.map((id, i) => [id, names[i]!]));
}
