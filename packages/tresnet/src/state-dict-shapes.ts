import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { type HeadPlan, planHead, type TResNetHead } from "./head-plan.js";
import { decoderShapes } from "./ml-decoder/decoder-shapes.js";
import { checkDecoderOptions, type DecoderOptions } from "./ml-decoder/decoder-sizes.js";
import { type BlockPlan, type ConvNormPlan, type NetworkPlan, planNetwork } from "./plan.js";
import { resolveShape, type TResNetShape, type TResNetVariant } from "./shape.js";

/** What determines a model's tensors. */
export interface TResNetOptions {
  variant: TResNetVariant | TResNetShape;
  numClasses: number;
  /** Default "linear". */
  head?: TResNetHead;
  /** Sizes of the head "ml-decoder". */
  decoder?: DecoderOptions;
}

/** The same with nothing left to defaults, but the decoder of a head that has none. */
export type TResNetArchitecture = Required<Omit<TResNetOptions, "decoder">> & Pick<TResNetOptions, "decoder">;

/** What a file of safetensors in float32 and 16 GiB holds. */
const MOST_WEIGHTS = 2 ** 32;

/** Width of the bottleneck head. */
const embedding = 512;

/**
 * The PyTorch state-dict of a model, key to shape in PyTorch's order and layout (filters OIHW, Linear [out, in],
 * `num_batches_tracked` []), without building it.
 */
export function stateDictShapes(options: TResNetOptions): Map<string, number[]> {
  checkOptions("stateDictShapes", options, { variant: true, numClasses: true, head: true, decoder: true });
  checkDecoderOptions(options.decoder);
  const head = planHead(options);
  const { variant, numClasses } = options;
  const plan = planNetwork(resolveShape(variant));
  const shapes = new Map([...bodyShapes(plan), ...headShapes(plan.features, head)]);
  let weights = 0;
  for (const shape of shapes.values()) weights += shape.reduce((a, b) => a * b, 1);
  if (weights > MOST_WEIGHTS)
    throw new CslError(
      "invalid-argument",
      `createTResNet: expected a network of at most ${MOST_WEIGHTS} weights, got ${weights} for ${numClasses} classes and ` +
        `variant ${JSON.stringify(variant)}.`,
    );
  return shapes;
}

/** Trainable tensors of a state-dict, by key. Statistics, counters and the queries of an ML-Decoder are not. */
export function isParameter(key: string): boolean {
  return !/\.(running_mean|running_var|num_batches_tracked|query_embed|query_embed\.weight)$/.test(key);
}

type Entry = [string, number[]];

function* bodyShapes(plan: NetworkPlan): Generator<Entry> {
  yield* convNormShapes(plan.stem);
  for (const block of plan.stages.flat()) yield* blockShapes(block);
}

function* blockShapes({ convs, downsample, squeezeExcite }: BlockPlan): Generator<Entry> {
  for (const conv of convs) yield* convNormShapes(conv);
  if (downsample) yield* convNormShapes(downsample);
  if (!squeezeExcite) return;
  const { key, channels, reduction } = squeezeExcite;
  yield [`${key}.fc1.weight`, [reduction, channels, 1, 1]];
  yield [`${key}.fc1.bias`, [reduction]];
  yield [`${key}.fc2.weight`, [channels, reduction, 1, 1]];
  yield [`${key}.fc2.bias`, [channels]];
}

function* convNormShapes({
  convKey,
  normKey,
  inChannels,
  outChannels,
  kernel,
}: ConvNormPlan): Generator<Entry> {
  yield [`${convKey}.weight`, [outChannels, inChannels, kernel, kernel]];
  for (const name of ["weight", "bias", "running_mean", "running_var"])
    yield [`${normKey}.${name}`, [outChannels]];
  yield [`${normKey}.num_batches_tracked`, []];
}

function* headShapes(features: number, head: HeadPlan): Generator<Entry> {
  const { kind, numClasses } = head;
  if (kind === "ml-decoder") return yield* decoderShapes(features, numClasses, head.sizes);
  let inputs = features;
  let key = "head.fc";
  if (kind === "bottleneck") {
    yield ["head.fc.embedding_generator.0.weight", [embedding, features]];
    yield ["head.fc.embedding_generator.0.bias", [embedding]];
    inputs = embedding;
    key = "head.fc.FC";
  }
  yield [`${key}.weight`, [numClasses, inputs]];
  yield [`${key}.bias`, [numClasses]];
}
