import type { ClassList } from "@csl/labels";
import type { Terminal } from "../terminal/terminal.js";
import type { OpenedModel } from "./open-model.js";

type Outputs = Pick<OpenedModel, "path" | "classes" | "outputNames"> & {
  model: { readonly numClasses: number };
};

/**
 * The classes of a model's outputs: those that its file knows, or else those of the data in their order, after holding
 * their number, and their names where the file has names, against each other. The terminal hears which.
 *
 * @throws when they cannot be the same.
 */
export function classesOfOutputs(
  { path, classes, outputNames, model: { numClasses } }: Outputs,
  { found, data, terminal }: { found: ClassList; data: string; terminal: Terminal },
): ClassList {
  if (classes) return classes;
  if (found.size !== numClasses)
    throw new Error(
      `csl: expected a model for the ${found.size} classes of ${data}, got ${path} with ${numClasses}.`,
    );
  if (outputNames && outputNames.length !== numClasses)
    throw new Error(
      `csl: expected a name for each of ${numClasses} outputs in ${path}, got ${outputNames.length}. Is it damaged?`,
    );
  const at = outputNames?.findIndex((name, i) => plain(name) !== plain(found.names[i]!)) ?? -1;
  if (at >= 0)
    throw new Error(
      `csl: expected the classes of ${data} in ${path}, got others: output ${at} is "${outputNames![at]}", ` +
        `class ${at} of the data is "${found.names[at]}".`,
    );
  terminal.info(
    `classes: the ${found.size} of ${data}, in their order` +
      (outputNames ? "; the names agree" : `; ${path} does not name its own`),
  );
  return found;
}

/** Spelling aside. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
