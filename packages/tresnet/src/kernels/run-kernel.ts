import { engine, type NamedAttrMap, type NamedTensorMap, type Tensor } from "@tensorflow/tfjs-core";
import type { KernelAttributes } from "./kernel-definition.js";

/** Runs a named kernel with one output. */
export function runKernel<T extends Tensor>(
  name: string,
  inputs: NamedTensorMap,
  attributes: KernelAttributes = {},
): T {
  return engine().runKernel(name, inputs, attributes as NamedAttrMap) as T;
}

/** Runs a named kernel with several outputs. */
export function runKernels(
  name: string,
  inputs: NamedTensorMap,
  attributes: KernelAttributes = {},
): Tensor[] {
  return engine().runKernel(name, inputs, attributes as NamedAttrMap) as Tensor[];
}
