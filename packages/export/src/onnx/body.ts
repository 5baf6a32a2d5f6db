import type { BlockPlan, ConvNormPlan, SqueezeExcitePlan } from "@csl/tresnet";
import type { Network } from "../network/exported-model.js";
import { foldNorm } from "../network/fold-norm.js";
import type { Arithmetic } from "./arithmetic.js";

/** A map [batch, channels, side, side] by the name of its value. */
interface FeatureMap {
  value: string;
  side: number;
}

/**
 * The body of a network: images [batch, 3, side, side] in [0, 1] -> [batch, channels, ⌈side/32⌉, ⌈side/32⌉].
 */
export function addBody(network: Network, arithmetic: Arithmetic, images: FeatureMap): string {
  const { graph } = arithmetic;
  const { stem, stages } = network.plan.body;
  // ONNX orders the channels of a square as TResNet does: place first, then colour.
  const squares = graph.node("SpaceToDepth", [images.value], { name: "space_to_depth", blocksize: 4 });
  let map = addConvNorm(network, arithmetic, stem, { value: squares, side: images.side / 4 });
  for (const block of stages.flat()) map = addBlock(network, arithmetic, block, map);
  return map.value;
}

function addBlock(network: Network, arithmetic: Arithmetic, block: BlockPlan, input: FeatureMap): FeatureMap {
  const { key, convs, squeezeExcite, downsample, stride } = block;
  const { graph } = arithmetic;
  // A basic block excites its output, a bottleneck the planes before its last convolution.
  const excitedIndex = block.kind === "basic" ? convs.length - 1 : convs.length - 2;
  let map = input;
  for (const [index, conv] of convs.entries()) {
    map = addConvNorm(network, arithmetic, conv, map);
    if (squeezeExcite && index === excitedIndex)
      map = { ...map, value: addSqueezeExcite(network, arithmetic, squeezeExcite, map.value) };
  }
  let shortcut = input;
  if (downsample && stride === 2) shortcut = averageHalve(arithmetic, `${key}.downsample.pool`, shortcut);
  if (downsample) shortcut = addConvNorm(network, arithmetic, downsample, shortcut);
  const sum = graph.node("Add", [map.value, shortcut.value], { name: `${key}.sum` });
  return { ...map, value: graph.node("Relu", [sum], { name: key }) };
}

/** Convolution with its norm, activation and, where planned, the blur that halves the map. */
function addConvNorm(
  network: Network,
  arithmetic: Arithmetic,
  plan: ConvNormPlan,
  { value, side }: FeatureMap,
): FeatureMap {
  const { base, inChannels, outChannels, kernel, slope, blur } = plan;
  const folded = foldNorm(network, plan);
  const pad = (kernel - 1) / 2;
  const conv = arithmetic.conv(
    value,
    {
      name: `${base}.conv`,
      weight: { shape: [outChannels, inChannels, kernel, kernel], make: folded.filter },
      bias: { shape: [outChannels], make: folded.bias },
    },
    { kernel_shape: [kernel, kernel], pads: [pad, pad, pad, pad] },
  );
  const { graph } = arithmetic;
  const activated =
    slope === 1 ? conv : graph.node("LeakyRelu", [conv], { name: `${base}.act`, alpha: { float: slope } });
  return blur
    ? addBlur(arithmetic, `${base}.blur`, { value: activated, side, channels: outChannels })
    : { value: activated, side };
}

const binomial = [1, 2, 1].flatMap((row) => [1, 2, 1].map((column) => (row * column) / 16));

/** [1,2,1]x[1,2,1]/16 per channel over a mirrored border, every second place. */
function addBlur(
  { graph, constant }: Arithmetic,
  name: string,
  { value, side, channels }: FeatureMap & { channels: number },
): FeatureMap {
  const pads = graph.integers("blur.pads", [0, 0, 1, 1, 0, 0, 1, 1]);
  const padded = graph.node("Pad", [value, pads], { name: `${name}.pad`, mode: "reflect" });
  const filter = constant(`blur.${channels}`, {
    shape: [channels, 1, 3, 3],
    make: () => Float32Array.from({ length: channels * 9 }, (_, i) => binomial[i % 9]!),
  });
  const blurred = graph.node("Conv", [padded, filter], {
    ...{ name, kernel_shape: [3, 3], strides: [2, 2], group: channels },
  });
  return { value: blurred, side: Math.ceil(side / 2) };
}

/** Means of 2x2 squares; at an odd border of what is there. */
function averageHalve({ graph }: Arithmetic, name: string, { value, side }: FeatureMap): FeatureMap {
  const odd = side % 2 === 1; // not every runtime has ceil_mode
  const half = graph.node("AveragePool", [value], {
    ...{ name, kernel_shape: [2, 2], strides: [2, 2], ...(odd && { ceil_mode: 1 }) },
  });
  return { value: half, side: Math.ceil(side / 2) };
}

function addSqueezeExcite(
  { tensor }: Network,
  arithmetic: Arithmetic,
  { key, channels, reduction }: SqueezeExcitePlan,
  value: string,
): string {
  const { graph } = arithmetic;
  const layer = (x: string, name: string, [inputs, outputs]: [number, number]): string =>
    arithmetic.conv(
      x,
      {
        name: `${key}.${name}`,
        weight: { shape: [outputs, inputs, 1, 1], make: () => tensor(`${key}.${name}.weight`).data },
        bias: { shape: [outputs], make: () => tensor(`${key}.${name}.bias`).data },
      },
      { kernel_shape: [1, 1] },
    );
  const pooled = graph.node("GlobalAveragePool", [value], { name: `${key}.pool` });
  const hidden = graph.node("Relu", [layer(pooled, "fc1", [channels, reduction])], { name: `${key}.relu` });
  const gate = graph.node("Sigmoid", [layer(hidden, "fc2", [reduction, channels])], { name: `${key}.gate` });
  return graph.node("Mul", [value, gate], { name: key });
}
