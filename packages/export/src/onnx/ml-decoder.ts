import type { DecoderSizes, HeadPlan } from "@csl/tresnet";
import type { Network } from "../network/exported-model.js";
import { transposed } from "../network/transposed.js";
import type { Arithmetic } from "./arithmetic.js";
import { addLinear } from "./linear.js";

const layer = "head.decoder.layers.0";
/** Of LayerNorm, in PyTorch and everywhere. */
const epsilon = 1e-5;

/** ML-Decoder in inference: the places of the map are tokens, queries attend to them, each query scores its classes. */
export function addDecoder(
  network: Network,
  arithmetic: Arithmetic,
  map: string,
  head: Extract<HeadPlan, { kind: "ml-decoder" }>,
): string {
  const { graph } = arithmetic;
  const { features } = network.plan.body;
  const shape = graph.integers("head.tokens.shape", [0, features, -1]);
  const flat = graph.node("Reshape", [map, shape], { name: "head.tokens.flat" });
  const places = graph.node("Transpose", [flat], { name: "head.tokens", perm: [0, 2, 1] });
  const embedded = addLinear(network, arithmetic, places, "head.decoder.embed_standart");
  const memory = graph.node("Relu", [embedded], { name: "head.memory" });
  const add = (a: string, b: string, name: string): string => graph.node("Add", [a, b], { name });
  const norm = (x: string, name: string): string => {
    const [scale, bias] = ["weight", "bias"].map((part) => {
      const { shape, data } = network.tensor(`${layer}.${name}.${part}`);
      return arithmetic.constant(`${layer}.${name}.${part}`, { shape, make: () => data });
    }) as [string, string];
    return graph.node("LayerNormalization", [x, scale, bias], {
      ...{ name: `${layer}.${name}`, axis: -1, epsilon: { float: epsilon } },
    });
  };
  const given = addQueries(network, arithmetic, head.sizes);
  const first = norm(add(given, given, "head.queries.twice"), "norm1");
  const attended = addCrossAttention(network, arithmetic, { queries: first, memory }, head.sizes);
  const second = norm(add(first, attended, `${layer}.attended`), "norm2");
  const hidden = addLinear(network, arithmetic, second, `${layer}.linear1`);
  const positive = graph.node("Relu", [hidden], { name: `${layer}.relu` });
  const forward = addLinear(network, arithmetic, positive, `${layer}.linear2`);
  const third = norm(add(second, forward, `${layer}.forward`), "norm3");
  return addGroupLayer(network, arithmetic, third, head);
}

/** [1, queries, embedding] */
function addQueries(
  network: Network,
  arithmetic: Arithmetic,
  { embedding, classEmbedding }: DecoderSizes,
): string {
  const key = classEmbedding === undefined ? "head.decoder.query_embed.weight" : "head.decoder.query_embed";
  const { shape, data } = network.tensor(key);
  const queries = arithmetic.constant("head.queries", { shape: [1, ...shape], make: () => data });
  if (classEmbedding === undefined) return queries;
  // Embeddings as wide as the decoder go in as they are.
  const projected =
    classEmbedding === embedding ? queries : addLinear(network, arithmetic, queries, "head.wordvec_proj");
  return arithmetic.graph.node("Relu", [projected], { name: "head.queries.relu" });
}

/** PyTorch's MultiheadAttention of the queries [1, queries, width] to the tokens [batch, tokens, width]. */
function addCrossAttention(
  network: Network,
  arithmetic: Arithmetic,
  { queries, memory }: { queries: string; memory: string },
  { embedding: width }: DecoderSizes,
): string {
  const { graph } = arithmetic;
  const { attentionHeads } = network.plan;
  const key = `${layer}.multihead_attn`;
  const depth = width / attentionHeads;
  const weight = network.tensor(`${key}.in_proj_weight`).data;
  const bias = network.tensor(`${key}.in_proj_bias`).data;
  const shape = graph.integers(`${key}.heads`, [0, 0, attentionHeads, depth]);
  /** [.., rows, width] -> [.., heads, rows, depth], or with rows last. The factor goes into the weights. */
  const project = (x: string, part: number, perm: number[], factor = 1): string => {
    const name = `${key}.${["query", "key", "value"][part]}`;
    const scaled = (values: Float32Array): Float32Array =>
      factor === 1 ? values : values.map((v) => v * factor);
    const rows = weight.subarray(part * width * width, (part + 1) * width * width);
    const linear = arithmetic.linear(x, {
      name,
      weight: { shape: [width, width], make: () => scaled(transposed(rows, width, width)) },
      bias: { shape: [width], make: () => scaled(bias.slice(part * width, (part + 1) * width)) },
    });
    const split = graph.node("Reshape", [linear, shape], { name: `${name}.split` });
    return graph.node("Transpose", [split], { name: `${name}.heads`, perm });
  };
  const query = project(queries, 0, [0, 2, 1, 3], 1 / Math.sqrt(depth));
  const keys = project(memory, 1, [0, 2, 3, 1]);
  const values = project(memory, 2, [0, 2, 1, 3]);
  const scores = graph.node("MatMul", [query, keys], { name: `${key}.scores` });
  const attention = graph.node("Softmax", [scores], { name: `${key}.attention`, axis: -1 });
  const attended = graph.node("MatMul", [attention, values], { name: `${key}.attended` });
  const rows = graph.node("Transpose", [attended], { name: `${key}.rows`, perm: [0, 2, 1, 3] });
  const joined = graph.node("Reshape", [rows, graph.integers(`${key}.width`, [0, 0, width])], {
    name: `${key}.joined`,
  });
  return addLinear(network, arithmetic, joined, `${key}.out_proj`);
}

/** The group fully-connected layer: query g scores the classes from g · perGroup on. [batch, queries, width] -> logits */
function addGroupLayer(
  { tensor }: Network,
  { graph, constant }: Arithmetic,
  decoded: string,
  head: Extract<HeadPlan, { kind: "ml-decoder" }>,
): string {
  const { groups, perGroup, classEmbedding } = head.sizes;
  const key = "head.decoder.duplicate_pooling";
  const [weights, bias] = [key, `${key}_bias`].map((name) => {
    const { shape, data } = tensor(name);
    return constant(name, { shape, make: () => data });
  }) as [string, string];
  if (classEmbedding !== undefined) {
    const scores = graph.node("MatMul", [decoded, weights], { name: "head.scores" });
    const shape = graph.integers("head.scores.shape", [0, head.numClasses]);
    const flat = graph.node("Reshape", [scores, shape], { name: "head.scores.flat" });
    return graph.node("Add", [flat, bias], { name: "head.logits" });
  }
  const byGroup = graph.node("Transpose", [decoded], { name: "head.groups", perm: [1, 0, 2] });
  const product = graph.node("MatMul", [byGroup, weights], { name: "head.groups.scores" });
  const scores = graph.node("Transpose", [product], { name: "head.scores", perm: [1, 0, 2] });
  const shape = graph.integers("head.scores.shape", [0, groups * perGroup]);
  const all = graph.node("Reshape", [scores, shape], { name: "head.scores.flat" });
  const bounds = [[0], [head.numClasses], [1]].map((list, i) =>
    graph.integers(`head.scores.${["start", "end", "axis"][i]}`, list),
  );
  const cut =
    groups * perGroup === head.numClasses
      ? all
      : graph.node("Slice", [all, ...bounds], { name: "head.scores.cut" });
  return graph.node("Add", [cut, bias], { name: "head.logits" });
}
