import { checkOptions, type OptionNames } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { CslPartialLossAttrs, PerLabel } from "@csl/internal/kernels/named-kernels";
import { classWeighted } from "../policies/class-weighted.js";
import { negative } from "../policies/fixed-weights.js";
import type { UnannotatedPolicy } from "../policies/unannotated-policy.js";
import type { Reduction } from "./reduction.js";

export interface LossOptions {
  /** Focusing exponents. Default 0, 1, 2 (the reference's). */
  gamma?: Partial<PerLabel>;
  /** Weights. Default 1, 1, 1. */
  alpha?: Partial<PerLabel>;
  /** Probability margin of negatives and un-annotated: p_m = max(p - clip, 0). Default 0. */
  clip?: number;
  /** What un-annotated classes count as. Default `negative()`. */
  unannotated?: UnannotatedPolicy;
  /**
   * Weight of each class, in the order of the columns: multiplies the loss of its entries, whatever their label.
   * `balancedClassWeights` makes them from counts. Default: 1 each.
   */
  classWeights?: ArrayLike<number>;
  /** Default `"sum"`, over batch and classes. */
  reduction?: Reduction;
  /** Differentiate the focusing weight too. Default false: it is constant for the gradient, as in the reference. */
  focusGradient?: boolean;
  /**
   * Check labels and logits by value in every call. Default: on where the host reads tensors cheaply (cpu, wasm,
   * tensorflow, torch), off elsewhere (webgl and webgpu would have to wait for the device; {@link checkBatch} does).
   */
  validate?: boolean;
}

const lossOptions: OptionNames<LossOptions> = {
  gamma: true,
  alpha: true,
  clip: true,
  unannotated: true,
  classWeights: true,
  reduction: true,
  focusGradient: true,
  validate: true,
};
const defaultGamma: PerLabel = { positive: 0, negative: 1, unannotated: 2 };
const defaultAlpha: PerLabel = { positive: 1, negative: 1, unannotated: 1 };

/** {@link LossOptions} with nothing left open: the attributes of the kernel. */
export interface LossSettings extends CslPartialLossAttrs {
  readonly policy: UnannotatedPolicy;
}

/** Refuses unknown names, also in `gamma` and `alpha`. */
export function checkLossOptions(speaker: string, options: LossOptions): void {
  checkOptions(speaker, options, lossOptions);
  const { gamma = {}, alpha = {} } = options;
  checkOptions(`${speaker}: gamma`, gamma, defaultGamma);
  checkOptions(`${speaker}: alpha`, alpha, defaultAlpha);
}

/** @throws CslError `invalid-argument` when a number is out of its range. */
export function lossSettings(
  speaker: string,
  {
    gamma,
    alpha,
    clip = 0,
    unannotated = negative(),
    classWeights,
    reduction = "sum",
    focusGradient = false,
  }: Omit<LossOptions, "validate">,
  validate: boolean,
): LossSettings {
  if (!(clip >= 0 && clip < 1))
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected clip in [0, 1), got ${clip}. It is a probability.`,
    );
  if (!unannotated?.weighValues)
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected unannotated to be a policy, got ${JSON.stringify(unannotated)}. Pass negative(), ignore(), normalized() or selective().`,
    );
  return {
    gamma: perLabel(speaker, "gamma", { ...defaultGamma, ...gamma }),
    alpha: perLabel(speaker, "alpha", { ...defaultAlpha, ...alpha }),
    clip,
    policy: classWeights ? classWeighted(unannotated, classWeights) : unannotated,
    reduction,
    focusGradient,
    validate,
    speaker,
  };
}

function perLabel(speaker: string, name: string, values: PerLabel): PerLabel {
  for (const [label, value] of Object.entries(values))
    if (!(value >= 0 && Number.isFinite(value)))
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected ${name}.${label} to be a number >= 0, got ${value}. Leave it out for the default.`,
      );
  return values;
}
