import { Label, LabelTableBuilder } from "@csl/labels";
import { checkParam } from "./check-param.js";
import { drawWithoutReplacement } from "./draw-without-replacement.js";
import { samplesByClass } from "./matching-cells.js";
import type { Scheme } from "./scheme.js";

/**
 * FPC, fixed per class (CSL, section on simulation; coco_simulation.py of the reference): every class keeps
 * min(perClass, count) of its positives and, independently, min(perClass, count) of its negatives, drawn without
 * replacement. Draw order: class by class, its positives, then its negatives.
 */
export function fixedPerClass({ perClass }: { perClass: number }): Scheme {
  checkParam("fixedPerClass", "perClass", perClass, { from: 1, whole: true });
  return {
    name: "fixed-per-class",
    params: { perClass },
    apply(truth, { random }) {
      const { classes, sampleIds } = truth;
      const builder = new LabelTableBuilder(classes, { sampleIds });
      const samplesWith = samplesByClass(truth);
      for (let c = 0; c < classes.size; c++) {
        for (const label of [Label.Positive, Label.Negative]) {
          for (const sample of drawWithoutReplacement(samplesWith(c, label), perClass, random)) {
            builder.addAt(sample, c, label);
          }
        }
      }
      return builder.build();
    },
  };
}
