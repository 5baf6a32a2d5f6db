/** How large the quick start is. `small` only proves that every part works; its numbers mean nothing. */
export interface Plan {
  train: number;
  val: number;
  ood: number;
  epochs: number;
  /** Share of the labels that the simulation drops (RPS). */
  dropRate: number;
}

export const plans: { full: Plan; small: Plan } = {
  full: { train: 3200, val: 800, ood: 400, epochs: 14, dropRate: 0.5 },
  small: { train: 192, val: 64, ood: 32, epochs: 1, dropRate: 0.5 },
};

export const size = 64;
export const classes = 20;

/** Flags of a `csl` command by name; `true` is a flag without a value. */
export type Flags = Record<string, string | number | true>;

/** One line of the comparison: a name and the flags in which it differs from the others. */
export interface Mode {
  name: string;
  folder: string;
  flags: Flags;
}

/** The three ways to treat un-annotated labels; the first is the temporary model that the prior comes from. */
export function modes(prior: string): readonly Mode[] {
  return [
    { name: "Ignore", folder: "ignore", flags: { "partial-loss-mode": "ignore", "gamma-neg": 0 } },
    {
      name: "CSL (selective)",
      folder: "csl",
      flags: {
        "partial-loss-mode": "selective",
        "prior-path": prior,
        "prior-threshold": 0.2,
        "likelihood-topk": 1,
        "gamma-neg": 1,
        "gamma-unann": 4,
      },
    },
    {
      name: "Negative",
      folder: "negative",
      flags: { "partial-loss-mode": "negative", "gamma-neg": 0, "gamma-unann": 0 },
    },
  ];
}
