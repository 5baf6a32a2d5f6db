/** The three states of a label, the vocabulary of every `@csl` package. */
export const Label = { Positive: 1, Negative: 0, Unannotated: -1 } as const;
