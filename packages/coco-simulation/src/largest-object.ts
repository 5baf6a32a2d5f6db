import { Label, LabelTableBuilder } from "@csl/labels";
import type { Scheme } from "./scheme.js";

/**
 * A biased single positive: every sample keeps the class of its largest visible object, as an annotator would who
 * names only what catches the eye. A crowd counts only where there is nothing else; ties go to the earlier class. No
 * chance is involved. Needs `areas`.
 */
export function largestObject(): Scheme {
  return {
    name: "largest-object",
    params: {},
    apply(truth, { areas }) {
      if (areas?.length !== truth.entries.length) {
        throw new Error(
          `largestObject: expected the areas of ${truth.entries.length} stored cells, got ${areas?.length ?? "none"}. ` +
            "Pass readCocoInstances' areas to simulate, chosen by selectAreas where the table was.",
        );
      }
      const builder = new LabelTableBuilder(truth.classes, { sampleIds: truth.sampleIds });
      for (let sample = 0; sample < truth.numSamples; sample++) {
        const { classes, labels } = truth.row(sample);
        const start = truth.offsets[sample]!;
        let best = -1;
        for (let i = 0; i < classes.length; i++) {
          if (labels[i] !== Label.Positive) continue;
          if (best < 0 || areas[start + i]! > areas[start + best]!) best = i;
        }
        if (best >= 0) builder.addAt(sample, classes[best]!, Label.Positive);
      }
      return builder.build();
    },
  };
}
