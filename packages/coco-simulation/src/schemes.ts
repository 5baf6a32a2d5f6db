import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { Label, type LabelTable, LabelTableBuilder } from "@csl/labels";
import { classesWith, drawWithoutReplacement, samplesByClass } from "./draw-cells.js";
import type { Scheme } from "./simulate.js";

/**
 * FPC, fixed per class (CSL, section on simulation; coco_simulation.py of the reference): every class keeps
 * min(perClass, count) of its positives and, independently, min(perClass, count) of its negatives, drawn without
 * replacement. Draw order: class by class, its positives, then its negatives.
 */
export function fixedPerClass(options: { perClass: number }): Scheme {
  checkOptions("fixedPerClass", options, { perClass: true });
  const { perClass } = options;
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

/**
 * RPS in the reference's code, RPA in the paper: every annotated cell, positive or negative, is dropped with
 * probability dropRate. (Others state the share that is kept: HCP, DualCoOp, mlcpl.)
 *
 * Draw order: sample by sample, classes ascending, one draw for every annotated cell. So with one seed the labels kept
 * at a higher dropRate are a subset of those kept at a lower one.
 */
export function randomPerSample(options: { dropRate: number }): Scheme {
  checkOptions("randomPerSample", options, { dropRate: true });
  const { dropRate } = options;
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

/**
 * Every sample keeps min(positives, count) of its positives and min(negatives, count) of its negatives, drawn without
 * replacement. One positive and no negative is the single-positive setting of Cole et al. (CVPR 2021).
 * Draw order: sample by sample, its positives, then its negatives.
 */
export function kPositives(options: { positives: number; negatives?: number }): Scheme {
  checkOptions("kPositives", options, { positives: true, negatives: true });
  const { positives, negatives = 0 } = options;
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

/**
 * All negatives are dropped; every positive is kept with probability keepRate (Hill and SPLC: 0.75 and 0.4).
 * Draw order: sample by sample, positives ascending, one draw each.
 */
export function positivesOnly(options: { keepRate?: number } = {}): Scheme {
  checkOptions("positivesOnly", options, { keepRate: true });
  const { keepRate = 1 } = options;
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

/**
 * A biased single positive: every sample keeps the class of its largest visible object, as an annotator would who
 * names only the most visible one. A crowd counts only where there is nothing else; of equal areas the earlier class is
 * kept. Draws nothing. Needs `areas`.
 */
export function largestObject(): Scheme {
  return {
    name: "largest-object",
    params: {},
    apply(truth, { areas }) {
      if (areas?.length !== truth.entries.length) {
        throw new CslError(
          "mismatch",
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

/** The areas that belong to `table.select(samples)`: one for every stored cell, in its order. */
export function selectAreas(
  table: LabelTable,
  areas: Float32Array,
  samples: ArrayLike<number>,
): Float32Array {
  if (areas.length !== table.entries.length) {
    throw new CslError(
      "mismatch",
      `selectAreas: expected ${table.entries.length} areas, one for every stored cell, got ${areas.length}.`,
    );
  }
  const parts = Array.from(samples, (sample) =>
    areas.subarray(table.offsets[sample]!, table.offsets[sample + 1]!),
  );
  const chosen = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    chosen.set(part, at);
    at += part.length;
  }
  return chosen;
}

/** Schemes by the names that commands and manifests use; `param` is the one number of `--simulate-partial-param`. */
const schemes: Readonly<Record<string, (param: number) => Scheme>> = {
  fpc: (param) => fixedPerClass({ perClass: param }),
  "fixed-per-class": (param) => fixedPerClass({ perClass: param }),
  rps: (param) => randomPerSample({ dropRate: param }),
  rpa: (param) => randomPerSample({ dropRate: param }),
  "random-per-sample": (param) => randomPerSample({ dropRate: param }),
  "k-positives": (param) => kPositives({ positives: param }),
  "positives-only": (param) => positivesOnly({ keepRate: param }),
  "largest-object": () => largestObject(),
};

/**
 * The scheme of that name (case does not matter), with its one number.
 *
 * @throws CslError `not-found` for an unknown name, with the known ones; `invalid-argument` for a number out of range.
 */
export function createScheme(name: string, param: number): Scheme {
  const key = name.toLowerCase();
  const create = Object.hasOwn(schemes, key) ? schemes[key] : undefined;
  if (create) return create(param);
  throw new CslError(
    "not-found",
    `createScheme: expected one of ${Object.keys(schemes).join(", ")}, got ${JSON.stringify(name)}.`,
  );
}

/** @throws CslError `invalid-argument` that names the scheme, the option and the range. */
function checkParam(
  speaker: string,
  name: string,
  value: number,
  { from, to = Number.MAX_SAFE_INTEGER, whole = false }: { from: number; to?: number; whole?: boolean },
): void {
  if (typeof value === "number" && value >= from && value <= to && (!whole || Number.isSafeInteger(value)))
    return;
  const upper = to === Number.MAX_SAFE_INTEGER ? " or more" : ` to ${to}`;
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected ${name} to be a ${whole ? "whole " : ""}number of ${from}${upper}, got ${String(value)}.`,
  );
}
