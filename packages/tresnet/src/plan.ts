import type { BlockKind, TResNetShape } from "./shape.js";

/** One convolution with its activated normalisation; keys are those of the PyTorch state-dict. */
export interface ConvNormPlan {
  /** The module that both belong to, e.g. `body.layer2.0.conv1`. */
  readonly base: string;
  /** `${convKey}.weight` is the filter. */
  readonly convKey: string;
  /** `${normKey}.weight`, `.bias`, `.running_mean`, `.running_var`. */
  readonly normKey: string;
  readonly inChannels: number;
  readonly outChannels: number;
  /** 1 or 3; the stride is always 1 and the padding keeps the size. */
  readonly kernel: 1 | 3;
  /** Leaky slope; 1 is the identity. */
  readonly slope: number;
  /** The anti-alias blur halves the size after the activation. */
  readonly blur: boolean;
  /** The last norm of a block starts with weight 0, so the block starts as (nearly) the identity. */
  readonly zeroInit: boolean;
}

/** Squeeze-and-excitation: `${key}.fc1`, `${key}.fc2` are 1x1 convolutions with bias. */
export interface SqueezeExcitePlan {
  readonly key: string;
  readonly channels: number;
  readonly reduction: number;
}

export interface BlockPlan {
  readonly key: string;
  readonly kind: BlockKind;
  readonly stride: 1 | 2;
  readonly outChannels: number;
  readonly convs: readonly ConvNormPlan[];
  readonly downsample: ConvNormPlan | null;
  readonly squeezeExcite: SqueezeExcitePlan | null;
}

/** The whole body: pure data, read by the state-dict list, the initialiser, the forward pass and the fold. */
export interface NetworkPlan {
  readonly stem: ConvNormPlan;
  readonly stages: readonly (readonly BlockPlan[])[];
  /** Channels of the feature output. */
  readonly features: number;
}

const strides = [1, 2, 2, 2] as const;
const expansions: Record<BlockKind, number> = { basic: 1, bottleneck: 4 };

/** Lays out the network of a shape, in state-dict order. */
export function planNetwork(shape: TResNetShape): NetworkPlan {
  const planes = Math.trunc(64 * shape.width);
  const { stem: stemSlope, block: slope } = shape.slopes ?? { stem: 0.01, block: 0.001 };
  const withSe = shape.squeezeExcite ?? [true, true, true, false];
  let inChannels = planes;
  const stages = shape.layers.map((count, stage) =>
    Array.from({ length: count }, (_, index) => {
      const block = planBlock({
        key: `body.layer${stage + 1}.${index}`,
        kind: shape.blocks[stage]!,
        stride: index === 0 ? strides[stage]! : 1,
        inChannels,
        planes: planes * 2 ** stage,
        slope,
        withSe: withSe[stage]!,
      });
      inChannels = block.outChannels;
      return block;
    }),
  );
  const stem = convNorm("body.conv1", 48, planes, 3, { slope: stemSlope });
  return { stem, stages, features: inChannels };
}

interface BlockOptions {
  key: string;
  kind: BlockKind;
  stride: 1 | 2;
  inChannels: number;
  planes: number;
  slope: number;
  withSe: boolean;
}

function planBlock({ key, kind, stride, inChannels, planes, slope, withSe }: BlockOptions): BlockPlan {
  const outChannels = planes * expansions[kind];
  const blur = stride === 2;
  const last = { slope: 1, zeroInit: true };
  const convs =
    kind === "basic"
      ? [
          convNorm(`${key}.conv1`, inChannels, planes, 3, { slope, blur }),
          convNorm(`${key}.conv2`, planes, planes, 3, last),
        ]
      : [
          convNorm(`${key}.conv1`, inChannels, planes, 1, { slope }),
          convNorm(`${key}.conv2`, planes, planes, 3, { slope, blur }),
          convNorm(`${key}.conv3`, planes, outChannels, 1, last),
        ];
  const reshaped = stride === 2 || inChannels !== outChannels;
  // Index 1 follows the average pool; without a stride there is no pool.
  const downsample = reshaped
    ? convNorm(`${key}.downsample.${stride === 2 ? 1 : 0}`, inChannels, outChannels, 1, { slope: 1 })
    : null;
  const share = kind === "basic" ? 4 : 2;
  const squeezeExcite = withSe
    ? { key: `${key}.se`, channels: planes, reduction: Math.max(Math.trunc(planes / share), 64) }
    : null;
  return { key, kind, stride, outChannels, convs, downsample, squeezeExcite };
}

function convNorm(
  base: string,
  inChannels: number,
  outChannels: number,
  kernel: 1 | 3,
  { slope, blur = false, zeroInit = false }: { slope: number; blur?: boolean; zeroInit?: boolean },
): ConvNormPlan {
  // With a blur PyTorch wraps convolution and norm in one more Sequential.
  const inner = blur ? `${base}.0` : base;
  return {
    base,
    convKey: `${inner}.0`,
    normKey: `${inner}.1`,
    inChannels,
    outChannels,
    kernel,
    slope,
    blur,
    zeroInit,
  };
}

/** Every convolution with norm, in state-dict order (a block's downsample after its convolutions). */
export function listConvNorms(plan: NetworkPlan): ConvNormPlan[] {
  const blockConvNorms = (block: BlockPlan): ConvNormPlan[] => [
    ...block.convs,
    ...(block.downsample ? [block.downsample] : []),
  ];
  return [plan.stem, ...plan.stages.flat().flatMap(blockConvNorms)];
}
