import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { type ClassList, Label, type LabelTable, LabelTableBuilder } from "@csl/labels";
import type { Hierarchy } from "./hierarchy.js";

export interface ExpandOptions {
  /** An image with a cat has a carnivore: present classes make their ancestors present. Default true. */
  positives?: boolean;
  /** An image without a carnivore has no cat: absent classes make their descendants absent. Default true. */
  negatives?: boolean;
}

export interface Expanded {
  table: LabelTable;
  /** Cells that were un-annotated. */
  added: { positives: number; negatives: number };
  /** Cells where the labels of other classes imply both; they stay un-annotated. */
  contradictions: number;
}

/**
 * Fills un-annotated cells from the hierarchy, as the OpenImages Challenge does; human-verified image labels come
 * without it. What is annotated stays as it is. Ancestors outside the class list are passed through.
 *
 * @throws for a table whose default is not un-annotated: there is nothing to fill.
 */
export function expandHierarchy(
  table: LabelTable,
  hierarchy: Hierarchy,
  options: ExpandOptions = {},
): Expanded {
  checkOptions("expandHierarchy", options, { positives: true, negatives: true });
  const { positives = true, negatives = true } = options;
  if (table.defaultLabel !== Label.Unannotated) {
    throw new CslError(
      "invalid-argument",
      "expandHierarchy: expected a table that is un-annotated by default, got one that is not. Expand before anything is filled in.",
    );
  }
  const { above, below } = relatives(table.classes, hierarchy);
  const builder = new LabelTableBuilder(table.classes, { sampleIds: table.sampleIds });
  const added = { positives: 0, negatives: 0 };
  let contradictions = 0;
  for (let sample = 0; sample < table.numSamples; sample++) {
    const { classes, labels } = table.row(sample);
    const annotated = new Set<number>();
    const present = new Set<number>();
    const absent = new Set<number>();
    classes.forEach((c, i) => {
      annotated.add(c);
      builder.addAt(sample, c, labels[i]!);
      if (labels[i] === Label.Positive && positives) for (const other of above[c]!) present.add(other);
      if (labels[i] === Label.Negative && negatives) for (const other of below[c]!) absent.add(other);
    });
    for (const c of present) {
      if (annotated.has(c)) continue;
      if (absent.delete(c)) {
        contradictions++;
        continue;
      }
      builder.addAt(sample, c, Label.Positive);
      added.positives++;
    }
    for (const c of absent) {
      if (annotated.has(c)) continue;
      builder.addAt(sample, c, Label.Negative);
      added.negatives++;
    }
  }
  return { table: builder.build(), added, contradictions };
}

/** For every class its ancestors and descendants within the list, as positions. */
function relatives(classes: ClassList, { parentsOf }: Hierarchy): { above: number[][]; below: number[][] } {
  const below: number[][] = classes.ids.map(() => []);
  const above = classes.ids.map((id, c) => {
    const found = new Set<string>();
    const visit = (of: string): void => {
      for (const parent of parentsOf.get(of) ?? []) {
        if (found.has(parent)) continue;
        found.add(parent);
        visit(parent);
      }
    };
    visit(id);
    found.delete(id);
    const ancestors = [...found].filter((other) => classes.has(other)).map((other) => classes.indexOf(other));
    for (const ancestor of ancestors) below[ancestor]!.push(c);
    return ancestors;
  });
  return { above, below };
}
