/** Metrics of one set of weights; every field of @csl/metrics' evaluation, and the number of pictures. */
export interface Evaluation {
  /** Mean over classes of the average precision, 0–100. NaN when no class could be scored. */
  mapC: number;
  /** The same, weighted by the classes' positives. */
  mapO: number;
  pictures: number;
}
