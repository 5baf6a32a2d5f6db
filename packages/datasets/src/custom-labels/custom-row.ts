/** One image of a custom label file, as it stands there. */
export interface CustomRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly path: string;
  readonly positives: readonly string[];
  /** `*` among them: all other classes are absent. */
  readonly negatives: readonly string[];
  readonly split?: string;
}

export type TakeRow = (row: CustomRow) => void;
