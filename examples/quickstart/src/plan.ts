/** How large the quick start is. `small` only proves that every part works; its numbers mean nothing. */
export interface Plan {
  train: number;
  val: number;
  ood: number;
  epochs: number;
}

export const plans: { full: Plan; small: Plan } = {
  full: { train: 3200, val: 800, ood: 400, epochs: 14 },
  small: { train: 192, val: 64, ood: 32, epochs: 1 },
};

export const size = 64;
export const classes = 20;

/** How labels are dropped: each with probability one half. */
export const scheme = { type: "rps", parameter: 0.5 };

/** The models that are compared, by their folders in the run; the first is the temporary one. */
export const models = [
  { folder: "temporary", name: "Ignore" },
  { folder: "csl", name: "CSL (selective)" },
  { folder: "negative", name: "Negative" },
];
