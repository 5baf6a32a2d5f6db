import type { TResNetShape, TResNetVariant } from "@csl/tresnet";
import type { ModelOptions } from "../commands/train/train-flags.js";

/**
 * The reference's model names, and one that is small enough to learn from scratch in a minute on two cores: one basic
 * block a stage at a quarter of TResNet-M's width.
 */
export const variants: Record<ModelOptions["modelName"], TResNetVariant | TResNetShape> = {
  tresnet_m: "m",
  tresnet_l: "l",
  tresnet_xl: "xl",
  tresnet_l_v2: "l-v2",
  tresnet_tiny: { layers: [1, 1, 1, 1], width: 0.25, blocks: ["basic", "basic", "basic", "basic"] },
};

/** The name of a variant, or of a shape that has one. */
export function variantName(variant: TResNetVariant | TResNetShape): string | undefined {
  const spelled = spell(variant);
  return Object.entries(variants).find(([, own]) => spell(own) === spelled)?.[0];
}

function spell(variant: TResNetVariant | TResNetShape): string {
  if (typeof variant === "string") return variant;
  const { layers, width, blocks, squeezeExcite = [true, true, true, false], slopes } = variant;
  return JSON.stringify([layers, width, blocks, squeezeExcite, slopes]);
}
