import type { PerLabel } from "@csl/internal/kernels/named-kernels";
import { Label } from "@csl/internal/labels/label";
import type { LabelledValues } from "../policies/unannotated-policy.js";
import type { LossSettings } from "./loss-settings.js";
import { reductionDivisors } from "./reduction.js";

/** The part of the settings that the numbers depend on. */
export type FormulaSettings = Pick<
  LossSettings,
  "gamma" | "alpha" | "clip" | "policy" | "reduction" | "focusGradient"
>;

/**
 * P-ASL with its policy on plain numbers, in one pass, float64 inside: returns the loss and writes its gradient with
 * respect to the logits to `gradient` [rows * classes]. Trusts its input.
 *
 * With z = -x for a positive and x for the others, s = σ(z) is the share of the mistake and softplus(z) its loss:
 *   positives, and the others without clip   ℓ = softplus(z)    ω = s^γ     dℓ/dz = s
 *   others with clip                         ℓ = -log(1-s_m)    ω = s_m^γ   dℓ/dz = s(1-s)/(1-s_m), s_m = max(s-clip, 0)
 * The slope in z is w·α·ω·dℓ/dz, w being the policy's weight, plus w·α·ℓ·dω/dz with `focusGradient`.
 */
export function partialLossValues(
  batch: LabelledValues,
  settings: FormulaSettings,
  gradient: Float32Array,
): number {
  const { logits, labels } = batch;
  const { gamma, alpha, clip, policy, reduction, focusGradient } = settings;
  policy.weighValues(batch, gradient); // the weights lie where each entry's gradient will
  const scale = 1 / reductionDivisors[reduction](batch);
  const exponents = byLabel(gamma);
  const factors = byLabel(alpha);
  let total = 0;
  for (let i = 0; i < gradient.length; i++) {
    const weight = gradient[i]!;
    if (weight === 0) continue;
    const label = labels[i]!;
    const isPositive = label === Label.Positive;
    const z = isPositive ? -logits[i]! : logits[i]!;
    let s = 1;
    let rest: number; // 1 - s without cancellation
    let loss: number;
    if (z < 30) {
      const t = Math.exp(z);
      rest = 1 / (1 + t);
      s = t * rest;
      loss = t < 1e-8 ? t : Math.log(1 + t);
    } else {
      rest = Math.exp(-z); // 1 + e^-30 is 1 to 1e-13
      loss = z + rest;
    }
    const exponent = exponents[label + 1]!;
    let slope = s; // dℓ/dz
    let logSlope = rest; // d log(base of ω)/dz
    if (clip > 0 && !isPositive) {
      const unclipped = s;
      s -= clip;
      if (s <= 0) {
        gradient[i] = 0; // log 1, and flat
        continue;
      }
      loss = -Math.log(1 - s);
      slope = (unclipped * rest) / (1 - s);
      logSlope = (unclipped * rest) / s;
    }
    const focus = weight * factors[label + 1]! * power(s, exponent);
    total += focus * loss;
    if (focusGradient) slope += exponent * logSlope * loss;
    gradient[i] = (isPositive ? -scale : scale) * focus * slope;
  }
  return total * scale;
}

/** Numbers per label at the index label + 1. */
function byLabel({ unannotated, negative, positive }: PerLabel): Float64Array {
  return Float64Array.of(unannotated, negative, positive);
}

/** base^exponent with 0^0 = 1; the usual small whole exponents avoid Math.pow. */
function power(base: number, exponent: number): number {
  switch (exponent) {
    case 0:
      return 1;
    case 1:
      return base;
    case 2:
      return base * base;
    case 3:
      return base * base * base;
    case 4:
      return base * base * (base * base);
    default:
      return base ** exponent;
  }
}
