import { Label, LabelTableBuilder } from "@csl/labels";
import { checkParam } from "./check-param.js";
import { drawWithoutReplacement } from "./draw-without-replacement.js";
import { classesWith } from "./matching-cells.js";
import type { Scheme } from "./scheme.js";

/**
 * Every sample keeps min(positives, count) of its positives and min(negatives, count) of its negatives, drawn without
 * replacement. One positive and no negative is the single-positive setting of Cole et al. (CVPR 2021).
 * Draw order: sample by sample, its positives, then its negatives.
 */
export function kPositives({ positives, negatives = 0 }: { positives: number; negatives?: number }): Scheme {
  checkParam("kPositives", "positives", positives, { from: 0, whole: true });
  checkParam("kPositives", "negatives", negatives, { from: 0, whole: true });
  return {
    name: "k-positives",
    params: { positives, negatives },
    apply(truth, { random }) {
      const builder = new LabelTableBuilder(truth.classes, { sampleIds: truth.sampleIds });
      for (let sample = 0; sample < truth.numSamples; sample++) {
        const quotas = [
          [Label.Positive, positives],
          [Label.Negative, negatives],
        ] as const;
        for (const [label, count] of quotas) {
          if (count === 0) continue;
          for (const c of drawWithoutReplacement(classesWith(truth, sample, label), count, random)) {
            builder.addAt(sample, c, label);
          }
        }
      }
      return builder.build();
    },
  };
}
