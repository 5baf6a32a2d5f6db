/** How many of a sample's classes may be predicted. */
export type TopK = {
  k: number;
  /**
   * `exact` (default): the k best-scored classes are predicted, whatever the threshold says (mmpretrain, DualCoOp's
   * zero-shot table). `and-threshold`: those of them that also pass the threshold (HCP, ML-GCN's top-3 columns).
   */
  rule?: "exact" | "and-threshold";
};

/**
 * Positions of the k largest of `scores[from .. to)` among those that `eligible` accepts; equal scores are taken in
 * order of position. Fewer when fewer are eligible. Written into `out` (length k), best first; returns how many.
 */
export function selectTopK(
  scores: ArrayLike<number>,
  eligible: (at: number) => boolean,
  { from, to, out }: { from: number; to: number; out: Int32Array },
): number {
  let size = 0;
  for (let at = from; at < to; at++) {
    if (!eligible(at)) continue;
    const score = scores[at]!;
    if (size === out.length && !(score > scores[out[size - 1]!]!)) continue;
    let place = size < out.length ? size++ : size - 1;
    while (place > 0 && score > scores[out[place - 1]!]!) {
      out[place] = out[place - 1]!;
      place--;
    }
    out[place] = at;
  }
  return size;
}
