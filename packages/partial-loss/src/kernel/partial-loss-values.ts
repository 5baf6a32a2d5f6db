import { Label } from "../label.js";
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
 * respect to the logits to `gradient` [rows * classes]. Trusts its input; the formula is in the README.
 *
 * With w the policy's weight and ω the focusing weight of an entry:
 *   positive      ℓ = softplus(-x)          ω = (1-p)^γ+   dℓ/dx = -(1-p)
 *   others, m=0   ℓ = softplus(x)           ω = p^γ        dℓ/dx = p
 *   others, m>0   ℓ = -log(1-p_m)           ω = p_m^γ      dℓ/dx = p(1-p)/(1-p_m), p_m = max(p-m, 0)
 * The gradient is w·α·ω·dℓ/dx, and w·α·ℓ·dω/dx on top with `focusGradient`.
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
  let total = 0;
  for (let i = 0; i < gradient.length; i++) {
    const weight = gradient[i]!;
    if (weight === 0) continue;
    const x = logits[i]!;
    const label = labels[i]!;
    const e = Math.exp(-Math.abs(x));
    const likelier = 1 / (1 + e);
    const p = x < 0 ? e * likelier : likelier;
    const q = x < 0 ? likelier : e * likelier; // 1 - p without cancellation
    if (label === Label.Positive) {
      const loss = logOnePlus(e) + Math.max(-x, 0);
      const focus = weight * alpha.positive * power(q, gamma.positive);
      total += focus * loss;
      gradient[i] = -scale * focus * (focusGradient ? q + gamma.positive * p * loss : q);
      continue;
    }
    const known = label === Label.Negative;
    const exponent = known ? gamma.negative : gamma.unannotated;
    const clipped = p - clip;
    if (clip > 0 && clipped <= 0) {
      gradient[i] = 0; // log 1, and flat
      continue;
    }
    const loss = clip > 0 ? -Math.log(1 - clipped) : logOnePlus(e) + Math.max(x, 0);
    const focus = weight * (known ? alpha.negative : alpha.unannotated) * power(clipped, exponent);
    total += focus * loss;
    let slope = clip > 0 ? (p * q) / (1 - clipped) : p;
    if (focusGradient) slope += exponent * (clip > 0 ? (p * q) / clipped : q) * loss;
    gradient[i] = scale * focus * slope;
  }
  return total * scale;
}

/** log(1 + e) for 0 <= e <= 1; far faster than Math.log1p, and as exact as float32 results can show. */
function logOnePlus(e: number): number {
  return e < 1e-8 ? e : Math.log(1 + e);
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
