import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { errorAbout } from "@csl/internal/errors/error-about";
import { readError } from "@csl/internal/errors/read-error";
import { readText } from "@csl/internal/files/read-text";
import { parseJson } from "@csl/internal/json/parse-json";

/** Which class is a kind of which: `Cat` is a kind of `Carnivore`. By class id; parts (`Wheel` of `Car`) do not count. */
export interface Hierarchy {
  readonly parentsOf: ReadonlyMap<string, readonly string[]>;
}

/**
 * OpenImages' hierarchy (`bbox_labels_600_hierarchy.json`): nested `{ LabelName, Subcategory: […], Part: […] }`. A
 * class may stand under several parents.
 *
 * @throws CslError `not-found`; `invalid-file` for a file that is not JSON or of another form.
 */
export async function readHierarchy(path: string): Promise<Hierarchy> {
  const text = await readText(path).catch((cause: unknown) => {
    throw isCslError(cause)
      ? errorAbout(`readHierarchy: ${path}`, cause)
      : readError("readHierarchy", path, cause);
  });
  try {
    return parseHierarchy(text);
  } catch (cause) {
    throw errorAbout(`readHierarchy: ${path}`, cause);
  }
}

function parseHierarchy(text: string): Hierarchy {
  let root: unknown;
  try {
    root = parseJson(text);
  } catch (cause) {
    throw new CslError("invalid-file", `expected JSON, got ${(cause as Error).message}. Download it again.`, {
      cause,
    });
  }
  const parentsOf = new Map<string, Set<string>>();
  const visit = (node: unknown, parent: string | undefined): void => {
    const { LabelName: id, Subcategory = [], Part = [] } = (node ?? {}) as Record<string, unknown>;
    if (typeof id !== "string" || !Array.isArray(Subcategory) || !Array.isArray(Part)) {
      throw new CslError(
        "invalid-file",
        `expected { LabelName, Subcategory: [] }, got ${JSON.stringify(node)?.slice(0, 60)}. Is it bbox_labels_600_hierarchy.json?`,
      );
    }
    const parents = parentsOf.get(id) ?? new Set();
    parentsOf.set(id, parents);
    if (parent !== undefined) parents.add(parent);
    for (const child of Subcategory) visit(child, id);
    // A part is no kind of the whole, but what stands below it is.
    for (const part of Part) visit(part, undefined);
  };
  visit(root, undefined);
  return { parentsOf: new Map([...parentsOf].map(([id, parents]) => [id, [...parents]])) };
}
