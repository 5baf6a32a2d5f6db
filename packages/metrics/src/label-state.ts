/**
 * The three states of a label, as every package of the project writes them. Repeated here because this package
 * depends on nothing; the numbers are the contract.
 */
export const LabelState = { Positive: 1, Negative: 0, Unannotated: -1 } as const;
