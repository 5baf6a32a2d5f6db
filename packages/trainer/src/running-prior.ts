/** Mean predicted probability of each class; a `Prior` of @csl/partial-loss. */
export interface PriorEstimate {
  ids: readonly string[];
  values: Float32Array;
  /** Pictures behind the means. */
  count: number;
}
