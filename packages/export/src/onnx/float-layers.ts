import type { Arithmetic, LayerWeights } from "./arithmetic.js";
import { toFloat16 } from "./float16.js";
import { DataType, type GraphBuilder } from "./graph-builder.js";

/** Layers in float32 or float16. */
export function floatLayers(graph: GraphBuilder, floatType: DataType): Arithmetic {
  const half = floatType === DataType.FLOAT16;
  const constant: Arithmetic["constant"] = (name, { shape, make }) =>
    graph.constant({
      ...{ name, shape, dataType: floatType },
      byteLength: shape.reduce((a, b) => a * b, half ? 2 : 4),
      bytes: () => bytesOf(half ? toFloat16(make(), name) : make()),
    });
  const weightsOf = ({ name, weight, bias }: LayerWeights): string[] => [
    constant(`${name}.weight`, weight),
    ...(bias ? [constant(`${name}.bias`, bias)] : []),
  ];
  return {
    graph,
    floatType,
    constant,
    conv: (x, layer, attributes) =>
      graph.node("Conv", [x, ...weightsOf(layer)], { name: layer.name, ...attributes }),
    linear(x, { name, weight, bias }) {
      const product = graph.node("MatMul", [x, constant(`${name}.weight`, weight)], {
        name: bias ? `${name}.product` : name,
      });
      return bias ? graph.node("Add", [product, constant(`${name}.bias`, bias)], { name }) : product;
    },
  };
}

function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
