/** How large the quick start is. `small` only proves that every part works; its numbers mean nothing. */
export interface Plan {
  train: number;
  val: number;
  ood: number;
  epochs: number;
  /** Annotations that are left per class and sign. */
  annotations: number;
}

export const plans: { full: Plan; small: Plan } = {
  full: { train: 2400, val: 800, ood: 400, epochs: 8, annotations: 150 },
  small: { train: 192, val: 64, ood: 32, epochs: 1, annotations: 12 },
};

export const size = 64;
export const classes = 20;

/** How labels are dropped: a fixed number per class is left (FPC), as where somebody searched for images of each class. */
export const scheme = "fpc";

/** The models that are compared, by their folders in the run; the first is the temporary one. */
export const models = [
  { folder: "temporary", name: "Ignore" },
  { folder: "negative", name: "Negative" },
  { folder: "csl", name: "CSL (selective)" },
];
