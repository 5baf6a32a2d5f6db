import type { Attribute, DataType, GraphBuilder } from "./graph-builder.js";

/** A tensor that is made when it is written. */
export interface Weights {
  shape: readonly number[];
  make: () => Float32Array;
}

export interface LayerWeights {
  /** Of the node, and what its constants' names begin with. */
  name: string;
  /** A filter [out, in, height, width], or a matrix [in, out]. */
  weight: Weights;
  bias?: Weights | undefined;
}

/** The layers whose form depends on the precision. */
export interface Arithmetic {
  graph: GraphBuilder;
  /** Of all values between input and output. */
  floatType: DataType;
  /** A constant in the type of the values. @returns its name */
  constant(name: string, weights: Weights): string;
  conv(x: string, layer: LayerWeights, attributes: Readonly<Record<string, Attribute>>): string;
  /** x [.., in] -> [.., out] */
  linear(x: string, layer: LayerWeights): string;
}
