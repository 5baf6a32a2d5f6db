import { Label } from "@csl/internal/labels/label";

/** Stored cells of a table: one number each, class index in the low bits, one of two labels in the top bit. */
export type Entries = Uint16Array | Uint32Array;

/**
 * How a table writes one cell. Cells that hold the table's default label are not stored, so two labels remain and
 * one bit tells them apart: 2 bytes a cell up to 32,768 classes, 4 bytes above.
 */
export interface EntryCode {
  /** The top bit. */
  readonly flag: number;
  /** The label of a cell without the top bit, and of one with it. */
  readonly plain: Label;
  readonly flagged: Label;
  readonly bytes: 2 | 4;
}

/** The code of a table of so many classes with that default. */
export function entryCode(numClasses: number, defaultLabel: Label): EntryCode {
  const bytes = numClasses <= 0x8000 ? 2 : 4;
  const plain = defaultLabel === Label.Positive ? Label.Negative : Label.Positive;
  const flagged = defaultLabel === Label.Unannotated ? Label.Negative : Label.Unannotated;
  return { flag: bytes === 2 ? 0x8000 : 0x80000000, plain, flagged, bytes };
}

export function createEntries({ bytes }: EntryCode, length: number): Entries {
  return bytes === 2 ? new Uint16Array(length) : new Uint32Array(length);
}
