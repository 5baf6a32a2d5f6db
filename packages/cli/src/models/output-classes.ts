import { CslError } from "@csl/internal/errors/csl-error";
import { ClassList } from "@csl/labels";
import { readClassDescriptions, readMidToClasses } from "@csl/openimages-loader";
import type { Terminal } from "../terminal/terminal.js";
import type { OpenedModel } from "./open-model.js";
import { plain } from "./plain-name.js";

type Outputs = Pick<OpenedModel, "path" | "classes" | "outputNames"> & {
  model: { readonly numClasses: number };
};

/**
 * The classes of a model's outputs: those that its file names by id, or else those of the data in their order, when
 * their number agrees, and their names where the file has names. The terminal shows which were used.
 *
 * @throws CslError `mismatch` when they cannot be the same.
 */
export function classesByData(
  { path, classes, outputNames, model: { numClasses } }: Outputs,
  { found, data, terminal }: { found: ClassList; data: string; terminal: Terminal },
): ClassList {
  if (classes) return classes;
  if (found.size !== numClasses)
    throw new CslError(
      "mismatch",
      `csl: expected a model for the ${found.size} classes of ${data}, got ${path} with ${numClasses}.`,
    );
  if (outputNames && outputNames.length !== numClasses)
    throw new CslError(
      "invalid-file",
      `csl: expected a name for each of ${numClasses} outputs in ${path}, got ${outputNames.length}. Is it damaged?`,
    );
  const at = outputNames?.findIndex((name, i) => plain(name) !== plain(found.names[i]!)) ?? -1;
  if (at >= 0)
    throw new CslError(
      "mismatch",
      `csl: expected the classes of ${data} in ${path}, got others: output ${at} is "${outputNames![at]}", ` +
        `class ${at} of the data is "${found.names[at]}".`,
    );
  terminal.info(
    `classes: the ${found.size} of ${data}, in their order` +
      (outputNames ? "; the names agree" : `; ${path} does not name its own`),
  );
  return found;
}

/**
 * What to call a model's outputs: as its file says, by `--class-names` for a file that has ids alone, or "output 0",
 * "output 1" … when no names are known.
 *
 * @throws CslError `mismatch` when `--class-names` has none of the ids.
 */
export async function classesByNames(
  { path, classes, outputNames, model: { numClasses } }: Outputs,
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
    throw new CslError(
      "mismatch",
      `csl infer: expected --class-names with the ids of ${path} (${classes.ids[0]}, …), got ${classNames} with none of them.`,
    );
  return ClassList.from(classes.ids.map((id, i) => ({ id, name: known.get(id) ?? classes.names[i]! })));
}

async function namesById(path: string): Promise<ReadonlyMap<string, string>> {
  if (/\.(pth|pt|pkl)$/.test(path)) return readMidToClasses(path);
  const { ids, names } = await readClassDescriptions(path);
  return new Map(ids.map((id, i) => [id, names[i]!]));
}
