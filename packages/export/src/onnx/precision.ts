import type { Arithmetic } from "./arithmetic.js";
import { floatLayers } from "./float-layers.js";
import { DataType, type GraphBuilder } from "./graph-builder.js";
import { integerLayers } from "./integer-layers.js";

export const precisions = ["float32", "float16", "int8"] as const;

/**
 * What weights are stored as and computed with: float32; float16; or int8, where the input of each convolution and
 * product is quantized as it comes (dynamic quantization), and everything between is float32.
 */
export type Precision = (typeof precisions)[number];

/** The layers of a precision, which go into the graph. */
export function arithmeticOf(graph: GraphBuilder, precision: Precision): Arithmetic {
  const floating = floatLayers(graph, precision === "float16" ? DataType.FLOAT16 : DataType.FLOAT);
  return precision === "int8" ? { ...floating, ...integerLayers(floating) } : floating;
}
