import {
  type AsymmetricLossOptions,
  assumeNegativeLoss,
  asymmetricLoss,
  expectedPositivesLoss,
  focalLoss,
  generalizedRobustLoss,
  hillLoss,
  labelCorrectionTraining,
  largeLoss,
  pseudoLabelTraining,
  roleTraining,
  splcLoss,
  type TrainingSet,
  weakAssumeNegativeLoss,
} from "@csl/partial-loss";
import type { TrainTask } from "@csl/trainer";
import * as tf from "@tensorflow/tfjs-core";
import type { FlagGroup } from "../../../flags/flag.js";
import type { TrainOptions } from "../train-flags.js";
import {
  anFlags,
  aslFlags,
  emFlags,
  eprFlags,
  expectedFlags,
  focalFlags,
  grFlags,
  hillFlags,
  largeLossFlags,
  lossFlags,
  type lossNames,
  roleFlags,
  splcFlags,
} from "./loss-flags.js";

export type LossName = (typeof lossNames)[number];

/** What a loss is built for. */
interface LossScope {
  options: TrainOptions;
  set: TrainingSet;
  /** `validate: false` where the steps are recorded, else nothing. */
  checks: { validate?: false };
}

export interface LossKind {
  summary: string;
  source: string;
  /** Those that mean something with this loss only, or with few. */
  flags: FlagGroup;
  /** It does not do the same at every batch: no step of it can be recorded. */
  changes?: true;
  /** Not for csl, which takes a prior: `buildLoss` makes it. */
  build?: (scope: LossScope) => TrainTask["loss"];
}

/**
 * What `--loss` takes. Every loss is minimised as a sum over the batch's entries, also where its paper takes the mean: so
 * learning rate, weight decay and --accumulate mean the same with all of them.
 */
export const losses: Readonly<Record<LossName, LossKind>> = {
  csl: {
    summary: "Class-aware Selective Loss and the other modes of P-ASL (--partial-loss-mode)",
    source: "arXiv 2110.10955",
    flags: lossFlags,
  },
  asl: {
    summary: "Asymmetric Loss: un-annotated entries are negatives with focusing and margin",
    source: "arXiv 2009.14119",
    flags: aslFlags,
    build: ({ options, checks }) => {
      const settings: AsymmetricLossOptions = {
        gamma: { positive: options.aslGammaPos, negative: options.aslGammaNeg },
        clip: options.aslClip,
        ...checks,
      };
      return (logits, labels) => asymmetricLoss(logits, labels, settings);
    },
  },
  focal: {
    summary: "Focal loss: un-annotated entries are negatives",
    source: "arXiv 1708.02002",
    flags: focalFlags,
    build: ({ options: { focalGamma: gamma, focalAlpha: alpha }, checks }) => {
      const settings = { gamma, ...(alpha !== undefined && { alpha }), ...checks };
      return (logits, labels) => focalLoss(logits, labels, settings);
    },
  },
  hill: {
    summary: "Hill: un-annotated entries are negatives of which likely ones are believed less",
    source: "arXiv 2112.07368",
    flags: hillFlags,
    build: ({ options: { hillLambda: lambda, hillMargin: margin, hillGamma: gamma }, checks }) => {
      const settings = { lambda, margin, gamma, ...checks };
      return (logits, labels) => hillLoss(logits, labels, settings);
    },
  },
  splc: {
    summary: "Self-paced loss correction: likely un-annotated entries become positives",
    source: "arXiv 2112.07368",
    flags: splcFlags,
    changes: true,
    build: ({ options }) => {
      const { splcThreshold: threshold, splcMargin: margin, splcGamma: gamma, splcStartEpoch } = options;
      return {
        loss: (logits, labels, { epoch }) =>
          splcLoss(logits, labels, { correct: epoch >= splcStartEpoch, threshold, margin, gamma }),
      };
    },
  },
  role: {
    summary: "Regularized online label estimation: estimates of all labels are trained along",
    source: "arXiv 2106.09708",
    flags: { ...roleFlags, ...expectedFlags },
    changes: true,
    build: ({ options, set }) =>
      roleTraining({
        ...set,
        expectedPositives: options.expectedPositives!,
        rate: options.roleRate,
        seed: options.seed,
      }),
  },
  em: {
    summary: "Entropy maximisation with asymmetric pseudo-labels",
    source: "arXiv 2203.16219",
    flags: emFlags,
    changes: true,
    build: ({ options, set }) =>
      pseudoLabelTraining({
        ...set,
        epochs: options.epochs,
        warmupEpochs: options.emWarmupEpochs,
        share: options.emPseudoLabels,
        alpha: options.emAlpha,
        beta: options.emBeta,
      }),
  },
  "large-loss": {
    summary: "Large loss matters: negatives of largest loss are dropped or corrected",
    source: "arXiv 2206.03740",
    flags: largeLossFlags,
    changes: true,
    build: ({ options: { largeLossMode: mode, largeLossRate: rate }, set }) =>
      mode === "correct-for-good"
        ? labelCorrectionTraining({ ...set, rate })
        : {
            loss: (logits, labels, { epoch }) =>
              largeLoss(logits, labels, { rate: Math.min(1, epoch * rate), mode, reduction: "sum" }),
          },
  },
  gr: {
    summary: "Generalized robust loss: un-annotated entries are a mixture that sharpens over the epochs",
    source: "arXiv 2405.03501",
    flags: grFlags,
    changes: true,
    build: ({ options }) => ({
      loss: (logits, labels, { epoch }) =>
        generalizedRobustLoss(logits, labels, {
          ...robustAt(options.epochs > 1 ? epoch / (options.epochs - 1) : 1),
          offset: options.grOffset,
          positiveExponent: options.grPositiveExponent,
          negativeExponent: options.grNegativeExponent,
          reduction: "sum",
        }),
    }),
  },
  an: {
    summary: "Assume negative: cross entropy, un-annotated entries are negatives",
    source: "arXiv 2106.09708",
    flags: anFlags,
    build: ({ options: { anLabelSmoothing: labelSmoothing }, checks }) => {
      const settings = { labelSmoothing, reduction: "sum", ...checks } as const;
      return (logits, labels) => assumeNegativeLoss(logits, labels, settings);
    },
  },
  wan: {
    summary: "Weak assume negative: un-annotated entries weigh 1/(classes − 1)",
    source: "arXiv 2106.09708",
    flags: {},
    build: ({ checks }) => {
      const settings = { reduction: "sum", ...checks } as const;
      return (logits, labels) => weakAssumeNegativeLoss(logits, labels, settings);
    },
  },
  epr: {
    summary: "Expected positive regularization: holds the number of positives per image",
    source: "arXiv 2106.09708",
    flags: { ...eprFlags, ...expectedFlags },
    build: ({ options: { expectedPositives, eprWeight: weight }, checks }) => {
      const settings = { expectedPositives: expectedPositives!, weight, ...checks };
      return (logits, labels) =>
        tf.tidy(() => tf.mul(expectedPositivesLoss(logits, labels, settings), logits.size) as tf.Scalar);
    },
  },
};

/** The paper's schedule, from the first epoch (0) to the last (1): slope 0 → 2, center .5 → .8, width 2 → .5. */
function robustAt(progress: number): { slope: number; center: number; width: number } {
  return { slope: 2 * progress, center: 0.5 + 0.3 * progress, width: 2 - 1.5 * progress };
}
