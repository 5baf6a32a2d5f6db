import type { BlockPlan, ConvNormPlan, SqueezeExcitePlan } from "@csl/tresnet";
import type { Network } from "../network/exported-model.js";
import { foldNorm } from "../network/fold-norm.js";
import { attr, type GraphNodes } from "./graph-nodes.js";
import { heightWidthInOut } from "./height-width-in-out.js";

/** Images [batch, side, side, 3] in [0, 1] -> [batch, ⌈side/32⌉, ⌈side/32⌉, channels]. */
export function addGraphBody(network: Network, graph: GraphNodes, images: string, side: number): string {
  const { stem, stages } = network.plan.body;
  const rows = side / 4;
  const reshape = (name: string, x: string, shape: readonly number[]): string =>
    graph.node("Reshape", name, [x, graph.integers(`${name}/shape`, shape)]);
  // Within one image row, four pixels of one square already lie together as (dx, colour).
  const split = reshape("squares/split", images, [-1, rows, 4, rows, 12]);
  const perm = graph.integers("squares/perm", [0, 1, 3, 2, 4]);
  const turned = graph.node("Transpose", "squares/turned", [split, perm]);
  const squares = reshape("squares", turned, [-1, rows, rows, 48]);
  return stages
    .flat()
    .reduce((x, block) => addBlock(network, graph, block, x), addConvNorm(network, graph, stem, squares));
}

function addBlock(network: Network, graph: GraphNodes, block: BlockPlan, input: string): string {
  const { key, convs, squeezeExcite, downsample, stride } = block;
  // A basic block excites its output, a bottleneck the planes before its last convolution.
  const excitedIndex = block.kind === "basic" ? convs.length - 1 : convs.length - 2;
  let x = input;
  for (const [index, conv] of convs.entries()) {
    x = addConvNorm(network, graph, conv, x);
    if (squeezeExcite && index === excitedIndex) x = addSqueezeExcite(network, graph, squeezeExcite, x);
  }
  let shortcut = input;
  // Over what is there at an odd border, as TensorFlow's SAME means it.
  if (downsample && stride === 2)
    shortcut = graph.node("AvgPool", `${key}/shortcut`, [shortcut], {
      ...{ ksize: attr.integers([1, 2, 2, 1]), strides: attr.integers([1, 2, 2, 1]) },
      ...{ padding: attr.text("SAME"), data_format: attr.text("NHWC") },
    });
  if (downsample) shortcut = addConvNorm(network, graph, downsample, shortcut);
  const sum = graph.node("AddV2", `${key}/sum`, [x, shortcut]);
  return graph.node("Relu", key, [sum]);
}

const stride1 = {
  ...{ strides: attr.integers([1, 1, 1, 1]), dilations: attr.integers([1, 1, 1, 1]) },
  ...{ padding: attr.text("SAME"), data_format: attr.text("NHWC") },
};

/** Convolution with bias and activation in one node. */
function fusedConv(
  graph: GraphNodes,
  x: string,
  name: string,
  {
    shape,
    filter,
    bias,
    activation,
  }: {
    shape: readonly [out: number, inputs: number, height: number, width: number];
    filter: () => Float32Array;
    bias: () => Float32Array;
    activation?: Record<string, unknown> & { op: string };
  },
): string {
  const [out, inputs, height, width] = shape;
  const { op, ...more } = activation ?? { op: undefined };
  return graph.node(
    "_FusedConv2D",
    name,
    [
      x,
      graph.numbers(`${name}/filter`, [height, width, inputs, out], () => heightWidthInOut(filter(), shape)),
      graph.numbers(`${name}/bias`, [out], bias),
    ],
    {
      ...stride1,
      ...{ num_args: attr.integer(1), epsilon: attr.float(0), ...more },
      fused_ops: attr.texts(["BiasAdd", ...(op === undefined ? [] : [op])]),
    },
  );
}

function addConvNorm(network: Network, graph: GraphNodes, plan: ConvNormPlan, x: string): string {
  const { base, inChannels, outChannels, kernel, slope, blur } = plan;
  const conv = fusedConv(graph, x, base, {
    shape: [outChannels, inChannels, kernel, kernel],
    ...foldNorm(network, plan),
    ...(slope !== 1 && { activation: { op: "LeakyRelu", leakyrelu_alpha: attr.float(slope) } }),
  });
  if (!blur) return conv;
  const paddings = graph.integers("blur/paddings", [0, 0, 1, 1, 1, 1, 0, 0], [4, 2]);
  const padded = graph.node("MirrorPad", `${base}/padded`, [conv, paddings], { mode: attr.text("REFLECT") });
  const filter = graph.numbers(`blur/${outChannels}`, [3, 3, outChannels, 1], () =>
    Float32Array.from({ length: 9 * outChannels }, (_, i) => binomial[Math.floor(i / outChannels)]!),
  );
  return graph.node("DepthwiseConv2dNative", `${base}/blur`, [padded, filter], {
    ...stride1,
    ...{ strides: attr.integers([1, 2, 2, 1]), padding: attr.text("VALID") },
  });
}

const binomial = [1, 2, 1].flatMap((row) => [1, 2, 1].map((column) => (row * column) / 16));

function addSqueezeExcite(
  { tensor }: Network,
  graph: GraphNodes,
  { key, channels, reduction }: SqueezeExcitePlan,
  x: string,
): string {
  const axes = graph.integers("places", [1, 2]);
  const pooled = graph.node("Mean", `${key}/pooled`, [x, axes], { keep_dims: attr.bool(true) });
  const layer = (name: string, input: string, sizes: readonly [number, number]) => ({
    ...{ graph, input, key: `${key}/${name}` },
    shape: [...sizes, 1, 1] as const,
    filter: () => tensor(`${key}.${name}.weight`).data,
    bias: () => tensor(`${key}.${name}.bias`).data,
  });
  const first = layer("fc1", pooled, [reduction, channels]);
  const hidden = fusedConv(graph, pooled, first.key, { ...first, activation: { op: "Relu" } });
  const second = layer("fc2", hidden, [channels, reduction]);
  const scores = fusedConv(graph, hidden, second.key, second);
  return graph.node("Mul", key, [x, graph.node("Sigmoid", `${key}/gate`, [scores])]);
}
