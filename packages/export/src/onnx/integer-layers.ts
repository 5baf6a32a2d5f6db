import type { Arithmetic, LayerWeights, Weights } from "./arithmetic.js";
import { DataType } from "./graph-builder.js";

/** Weights are unsigned around it: onnxruntime's products of unsigned numbers do not saturate on any processor. */
const zero = 128;
const steps = 127;

/**
 * Layers in 8-bit whole numbers. The weights have a scale per output; an input gets one scale for the whole batch when it
 * comes. Sums are exact, in 32 bits. A convolution with few weights, or with groups, stays as it is.
 */
export function integerLayers(floating: Arithmetic): Pick<Arithmetic, "conv" | "linear"> {
  const { graph, constant } = floating;
  const quantized = new Map<string, string[]>();
  /** [values, scale, zero point] of an input, once for all layers that take it. */
  const quantize = (x: string): string[] => {
    const known =
      quantized.get(x) ??
      graph.nodeWithOutputs("DynamicQuantizeLinear", [x], `${x}.quantized`, ["y", "scale", "zero"]);
    quantized.set(x, known);
    return known;
  };
  const layer = (
    opType: "ConvInteger" | "MatMulInteger",
    x: string,
    { name, weight, bias }: LayerWeights,
    { outputAxis, attributes = {} }: { outputAxis: 0 | 1; attributes?: Parameters<Arithmetic["conv"]>[2] },
  ): string => {
    const channels = weight.shape[outputAxis]!;
    // Values per channel follow it, or channels are the last axis.
    const broadcast = outputAxis === 0 ? [1, channels, 1, 1] : [channels];
    const scale: Weights = { shape: broadcast, make: () => scales(weight.make(), channels, outputAxis) };
    const [values = "", inputScale = "", inputZero = ""] = quantize(x);
    const integers = graph.constant({
      ...{ name: `${name}.weight`, dataType: DataType.UINT8, shape: weight.shape },
      byteLength: weight.shape.reduce((a, b) => a * b, 1),
      bytes: () => quantizeWeights(weight.make(), channels, outputAxis),
    });
    const weightZero = graph.constant({
      ...{ name: "weights.zero", dataType: DataType.UINT8, shape: [], byteLength: 1 },
      bytes: () => Uint8Array.of(zero),
    });
    const sums = graph.node(opType, [values, integers, inputZero, weightZero], {
      name: `${name}.sums`,
      ...attributes,
    });
    const cast = graph.node("Cast", [sums], { name: `${name}.float`, to: DataType.FLOAT });
    const both = graph.node("Mul", [constant(`${name}.scale`, scale), inputScale], {
      name: `${name}.scales`,
    });
    const scaled = graph.node("Mul", [cast, both], { name: bias ? `${name}.scaled` : name });
    if (!bias) return scaled;
    const added: Weights = { shape: broadcast, make: bias.make };
    return graph.node("Add", [scaled, constant(`${name}.bias`, added)], { name });
  };
  return {
    conv: (x, weights, attributes) =>
      attributes.group !== undefined || weights.weight.shape.reduce((a, b) => a * b, 1) < fewWeights
        ? floating.conv(x, weights, attributes)
        : layer("ConvInteger", x, weights, { outputAxis: 0, attributes }),
    linear: (x, weights) => layer("MatMulInteger", x, weights, { outputAxis: 1 }),
  };
}

/** Below this the bytes saved are not worth the rounding. */
const fewWeights = 4096;

/** The step of each output's weights. */
function scales(values: Float32Array, channels: number, outputAxis: 0 | 1): Float32Array {
  const largest = new Float32Array(channels);
  const channelOf = channelIndex(values.length, channels, outputAxis);
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size > largest[channelOf(i)]!) largest[channelOf(i)] = size;
  }
  return largest.map((size) => (size === 0 ? 1 : size / steps));
}

function quantizeWeights(values: Float32Array, channels: number, outputAxis: 0 | 1): Uint8Array {
  const step = scales(values, channels, outputAxis);
  const channelOf = channelIndex(values.length, channels, outputAxis);
  return Uint8Array.from(values, (value, i) => Math.round(value / step[channelOf(i)]!) + zero);
}

function channelIndex(length: number, channels: number, outputAxis: 0 | 1): (i: number) => number {
  const perChannel = length / channels;
  return outputAxis === 0 ? (i) => Math.floor(i / perChannel) : (i) => i % channels;
}
