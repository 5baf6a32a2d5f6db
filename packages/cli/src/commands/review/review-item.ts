/** One question of a review. */
export interface ReviewItem {
  /** An annotated entry that may be wrong, or one that is not annotated. */
  kind: "known" | "unknown";
  image: string;
  /** Id of the class. */
  classId: string;
  className: string;
  /** What is annotated now: 1, 0, or -1 for nothing. */
  label: -1 | 0 | 1;
  /** Of "present", as far as the ranking knows. */
  probability: number;
  /** Of a known entry: that its label is taken for wrong. */
  likely?: boolean;
  /** Of an un-annotated entry: the expected gain by an hour of such questions. */
  gainPerHour?: number;
}

/** Whether the class is in the image. */
export type Answer = "yes" | "no" | "skip";
