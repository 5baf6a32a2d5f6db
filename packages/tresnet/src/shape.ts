import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";

/** Two residual block forms of the paper: two 3x3 convolutions, or 1x1, 3x3, 1x1. */
export type BlockKind = "basic" | "bottleneck";

/** A value for each of the four stages. */
export type PerStage<T> = readonly [T, T, T, T];

/** The numbers that make one TResNet. Everything else (strides, blur, SE and block rules) is the same for all. */
export interface TResNetShape {
  /** Blocks in each stage. */
  readonly layers: PerStage<number>;
  /** Planes of the first stage are int(64 * width); they double in every later stage. */
  readonly width: number;
  readonly blocks: PerStage<BlockKind>;
  /** Stages with squeeze-and-excitation; default: the first three. */
  readonly squeezeExcite?: PerStage<boolean>;
  /** Leaky slopes of the stem and of the blocks; default .01 and .001 (the stanford-cars V2 files use 1e-6 everywhere). */
  readonly slopes?: { readonly stem: number; readonly block: number };
}

/** The published variants. */
export type TResNetVariant = "m" | "l" | "xl" | "l-v2";

/** V1 starts with two stages of basic blocks; V2 has bottlenecks in all four. */
const v1: PerStage<BlockKind> = ["basic", "basic", "bottleneck", "bottleneck"];
const v2: PerStage<BlockKind> = ["bottleneck", "bottleneck", "bottleneck", "bottleneck"];

/** The shapes of the published variants (the reference's M, L and XL; L-V2 is the ImageNet21K and CSL one). */
export const variants: Readonly<Record<TResNetVariant, TResNetShape>> = {
  m: { layers: [3, 4, 11, 3], width: 1, blocks: v1 },
  l: { layers: [4, 5, 18, 3], width: 1.2, blocks: v1 },
  xl: { layers: [4, 5, 24, 3], width: 1.3, blocks: v1 },
  "l-v2": { layers: [3, 4, 23, 3], width: 1, blocks: v2 },
};

/** The shape behind a variant's name; a custom shape is checked. */
export function resolveShape(variant: TResNetVariant | TResNetShape): TResNetShape {
  if (typeof variant === "string") {
    const shape = Object.hasOwn(variants, variant) ? variants[variant] : undefined;
    if (shape) return shape;
    throw new CslError(
      "invalid-argument",
      `createTResNet: expected variant ${Object.keys(variants).join(", ")} or a shape, got "${variant}".`,
    );
  }
  checkShape(variant);
  return variant;
}

/** No network is larger: a damaged file that asks for more is refused before memory is taken. */
const MOST_LAYERS = 1000;
const WIDEST = 64;

function checkShape(shape: TResNetShape): void {
  const fail = (expected: string, got: unknown): never => {
    throw new CslError(
      "invalid-argument",
      `createTResNet: expected ${expected}, got ${JSON.stringify(got)}.`,
    );
  };
  if (typeof shape !== "object" || shape === null) fail("a variant's name or a shape", shape);
  checkOptions("createTResNet: variant", shape, {
    layers: true,
    width: true,
    blocks: true,
    squeezeExcite: true,
    slopes: true,
  });
  const four = (values: unknown, ok: (value: never) => boolean): boolean =>
    Array.isArray(values) && values.length === 4 && values.every(ok as (value: unknown) => boolean);
  if (!four(shape.layers, (n: number) => Number.isInteger(n) && n >= 1 && n <= MOST_LAYERS))
    fail(`layers to be four whole numbers from 1 to ${MOST_LAYERS}`, shape.layers);
  if (!(shape.width <= WIDEST && Math.trunc(64 * shape.width) >= 1))
    fail(`width to be from 1/64 to ${WIDEST}`, shape.width);
  if (!four(shape.blocks, (kind: string) => kind === "basic" || kind === "bottleneck"))
    fail('blocks to be four of "basic" and "bottleneck"', shape.blocks);
  if (shape.squeezeExcite && !four(shape.squeezeExcite, (on: unknown) => typeof on === "boolean"))
    fail("squeezeExcite to be four booleans", shape.squeezeExcite);
  const slopes: Partial<NonNullable<TResNetShape["slopes"]>> = shape.slopes ?? {};
  checkOptions("createTResNet: slopes", slopes, { stem: true, block: true });
  const { stem = 0.01, block = 0.001 } = slopes;
  // The gradient recovers the input of the activation from its output, so the slope must be invertible.
  if (!(stem > 0 && stem <= 1 && block > 0 && block <= 1)) fail("leaky slopes in (0, 1]", shape.slopes);
}
