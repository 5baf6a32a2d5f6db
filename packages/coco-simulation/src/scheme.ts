import type { Random } from "@csl/internal/random/mulberry32";
import type { LabelTable } from "@csl/labels";

export interface SchemeContext {
  /**
   * The only source of chance. Draws are taken in a fixed order (each scheme states it) over sample and class
   * positions, never over the order of a map or set: same truth and seed, same labels.
   */
  random: Random;
  /** Object areas in the order of the truth's stored cells, as `readCocoInstances` gives them. */
  areas?: Float32Array | undefined;
}

/** A way to forget labels: from a truth to a table whose default is un-annotated and that only holds true labels. */
export interface Scheme {
  readonly name: string;
  readonly params: Readonly<Record<string, number>>;
  apply(truth: LabelTable, context: SchemeContext): LabelTable;
}
