import { engine, type NamedAttrMap, type NamedTensorMap, type Tensor } from "@tensorflow/tfjs-core";
import type { KernelDefinition, Tensors } from "./kernel-definition.js";

/** Runs a named kernel with one output. */
export function runKernel<T extends Tensor, Inputs, Attributes>(
  { name }: KernelDefinition<Inputs, Attributes>,
  inputs: Tensors<Inputs>,
  attributes: Attributes,
): T {
  return engine().runKernel(name, inputs as NamedTensorMap, attributes as NamedAttrMap) as T;
}

/** Runs a named kernel with several outputs. */
export function runKernels<Inputs, Attributes>(
  { name }: KernelDefinition<Inputs, Attributes>,
  inputs: Tensors<Inputs>,
  attributes: Attributes,
): Tensor[] {
  return engine().runKernel(name, inputs as NamedTensorMap, attributes as NamedAttrMap) as Tensor[];
}
