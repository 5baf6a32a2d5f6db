import { Label, LabelTableBuilder } from "@csl/labels";
import { checkParam } from "./check-param.js";
import { classesWith } from "./matching-cells.js";
import type { Scheme } from "./scheme.js";

/**
 * All negatives are forgotten; every positive is kept with probability keepRate (Hill and SPLC: 0.75 and 0.4).
 * Draw order: sample by sample, positives ascending, one draw each.
 */
export function positivesOnly({ keepRate = 1 }: { keepRate?: number } = {}): Scheme {
  checkParam("positivesOnly", "keepRate", keepRate, { from: 0, to: 1 });
  return {
    name: "positives-only",
    params: { keepRate },
    apply(truth, { random }) {
      const builder = new LabelTableBuilder(truth.classes, { sampleIds: truth.sampleIds });
      for (let sample = 0; sample < truth.numSamples; sample++) {
        for (const c of classesWith(truth, sample, Label.Positive)) {
          if (random() < keepRate) builder.addAt(sample, c, Label.Positive);
        }
      }
      return builder.build();
    },
  };
}
