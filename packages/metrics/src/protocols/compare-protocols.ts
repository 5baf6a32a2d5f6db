import { checkOptions } from "@csl/internal/errors/check-options";
import type { Evaluation } from "../ranking/evaluation.js";
import type { MetricAccumulator } from "../ranking/metric-accumulator.js";
import type { NumberArray } from "../scores/label-matrix.js";
import { type BucketMap, bucketMap, frequencyGroups } from "./class-groups.js";
import { protocols as allProtocols, type Protocol } from "./protocols.js";

/** What some protocols know about the classes, by class index. All of it is optional. */
export type ClassKnowledge = {
  /** Whether the data set declares the class trainable. Default: every class is. */
  trainable?: (classIndex: number) => boolean;
  /** Annotations (positive and negative) of every class in the training set: the groups G1 … G5. */
  trainAnnotations?: NumberArray;
  /** LVIS's `frequency` field of every class: "r", "c" or "f". */
  frequency?: readonly string[];
  /** Positives that a class needs under `annotated-supported`. Default 10. */
  minPositives?: number;
};

/** One line of the comparison. */
export type ProtocolResult = {
  protocol: Protocol;
  /** The number that the protocol's authors would print; null when no class counts. */
  score: number | null;
  mapC: number | null;
  mapO: number | null;
  /** The score that random scores reach in expectation. */
  chance: number | null;
  validClasses: number;
  /** The score may be this much less or more; 0 when exact. */
  uncertainty: number;
  groups: BucketMap[];
  /** What the reader must know. */
  notes: string[];
};

/**
 * The same predictions under every protocol, so that numbers are compared only with numbers that were counted alike.
 *
 * @param metrics holds the scores; made with `keepUnannotated: true` for the protocols that score un-annotated entries.
 * @param options what is known about the classes; `protocols` for others than the table's.
 * @throws CslError `invalid-argument` when nothing was added, or for a protocol that `metrics` keeps too little for;
 *   `unknown-option`.
 */
export function compareProtocols(
  metrics: MetricAccumulator,
  options: ClassKnowledge & { protocols?: readonly Protocol[] } = {},
): ProtocolResult[] {
  checkOptions("compareProtocols", options, {
    trainable: true,
    trainAnnotations: true,
    frequency: true,
    minPositives: true,
    protocols: true,
  });
  const { protocols = allProtocols, ...knowledge } = options;
  return protocols.map((protocol) => compareOne(metrics, protocol, knowledge));
}

function compareOne(
  metrics: MetricAccumulator,
  protocol: Protocol,
  { trainable, trainAnnotations, frequency, minPositives = 10 }: ClassKnowledge,
): ProtocolResult {
  const notes: string[] = [];
  const counts = protocol.trainableOnly ? trainable : undefined;
  if (protocol.trainableOnly && !trainable) notes.push("no list of trainable classes: every class counts");
  if (protocol.supportFilter) notes.push(`classes with at least ${minPositives} positives`);
  const unlabelled = protocol.needsFullLabels ? metrics.unannotatedShare : 0;
  if (unlabelled > 0)
    notes.push(
      `meant for full labels: ${(100 * unlabelled).toFixed(1)} % of the entries are un-annotated and count as absent`,
    );
  const evaluation = metrics.tryEvaluate({
    ...protocol.options,
    ...(counts && { counts }),
    ...(protocol.supportFilter && { minPositives }),
  });
  const groups = evaluation
    ? protocolGroups(protocol, evaluation, { counts, trainAnnotations, frequency })
    : "no class counts";
  if (typeof groups === "string") notes.push(groups);
  const { mapC = null, mapO = null, validClasses = 0 } = evaluation ?? {};
  return {
    protocol,
    score: evaluation?.[protocol.headline] ?? null,
    mapC,
    mapO,
    chance: evaluation && chance(protocol, evaluation),
    validClasses,
    uncertainty: evaluation ? meanUncertainty(evaluation) : 0,
    groups: typeof groups === "string" ? [] : groups,
    notes,
  };
}

function chance({ headline }: Protocol, { chance, entries: { positives, negatives } }: Evaluation): number {
  return headline === "micro" ? positives / (positives + negatives) : chance.mapC;
}

type GroupKnowledge = {
  counts: ((classIndex: number) => boolean) | undefined;
  trainAnnotations: NumberArray | undefined;
  frequency: readonly string[] | undefined;
};

/** The groups of the protocol, or why there are none. */
function protocolGroups(
  { groups }: Protocol,
  { perClass }: Evaluation,
  { counts, trainAnnotations, frequency }: GroupKnowledge,
): BucketMap[] | string {
  if (groups === undefined) return [];
  if (groups === "frequency") {
    if (!frequency) return "no frequency groups: the data set has no r, c, f";
    return bucketMap(perClass, frequency, { order: ["r", "c", "f"] });
  }
  if (!trainAnnotations) return "no groups: the number of training annotations is not known";
  const chosen = perClass.filter(({ index }) => counts?.(index) ?? true);
  if (chosen.length < 5) return "no groups: fewer than five classes";
  const names = frequencyGroups(Float64Array.from(chosen, ({ index }) => trainAnnotations[index]!));
  return bucketMap(chosen, names, { order: ["G1", "G2", "G3", "G4", "G5"] });
}

function meanUncertainty({ perClass, validClasses }: Evaluation): number {
  return perClass.reduce((sum, { uncertainty = 0 }) => sum + uncertainty, 0) / validClasses;
}
