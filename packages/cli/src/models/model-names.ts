import type { TResNetShape, TResNetVariant } from "@csl/tresnet";

/**
 * The reference's model names, and one that is small enough to learn from scratch in a minute on two cores: one basic
 * block a stage at a quarter of TResNet-M's width.
 */
const modelNames: Record<string, TResNetVariant | TResNetShape> = {
  tresnet_m: "m",
  tresnet_l: "l",
  tresnet_xl: "xl",
  tresnet_l_v2: "l-v2",
  tresnet_tiny: { layers: [1, 1, 1, 1], width: 0.25, blocks: ["basic", "basic", "basic", "basic"] },
};

/** @throws when the name is none of the table's; accepts hyphens for underscores. */
export function modelVariant(name: string): TResNetVariant | TResNetShape {
  const variant = modelNames[name.toLowerCase().replaceAll("-", "_")];
  if (!variant) {
    throw new Error(
      `csl: expected --model-name to be one of ${Object.keys(modelNames).join(", ")}, got "${name}".`,
    );
  }
  return variant;
}

/** The name that `--model-name` has for a published variant. */
export function nameOfVariant(variant: TResNetVariant): string {
  return Object.keys(modelNames).find((name) => modelNames[name] === variant)!;
}
