import { Label, LabelTableBuilder } from "@csl/labels";
import { checkParam } from "./check-param.js";
import type { Scheme } from "./scheme.js";

/**
 * RPS in the reference's code, RPA in the paper: every annotated cell, positive or negative, is forgotten with
 * probability dropRate. (Others state the share that is kept: HCP, DualCoOp, mlcpl.)
 *
 * Draw order: sample by sample, classes ascending, one draw for every annotated cell. So with one seed the labels kept
 * at a higher dropRate are a subset of those kept at a lower one.
 */
export function randomPerSample({ dropRate }: { dropRate: number }): Scheme {
  checkParam("randomPerSample", "dropRate", dropRate, { from: 0, to: 1 });
  return {
    name: "random-per-sample",
    params: { dropRate },
    apply(truth, { random }) {
      const { classes, sampleIds } = truth;
      const builder = new LabelTableBuilder(classes, { sampleIds });
      const keep = (sample: number, c: number, label: number): void => {
        if (label !== Label.Unannotated && random() >= dropRate) builder.addAt(sample, c, label);
      };
      if (truth.defaultLabel === Label.Unannotated) {
        truth.forEachEntry(keep);
      } else {
        const row = new Int8Array(classes.size);
        for (let sample = 0; sample < truth.numSamples; sample++) {
          truth.fillRow(sample, row);
          for (let c = 0; c < row.length; c++) keep(sample, c, row[c]!);
        }
      }
      return builder.build();
    },
  };
}
