import type { HostMemory } from "@csl/internal/kernels/host-memory";
import {
  engine,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { Primitives } from "./primitives.js";

/** Inputs as the tensors themselves. */
export type Tensors<Inputs> = { [Name in keyof Inputs]: Tensor };

/**
 * One named kernel, its inputs and attributes as `@csl/internal/kernels/named-kernels` has them: its TensorFlow.js-op
 * form for any backend, a plain loop for cpu, its gradient.
 */
export interface KernelDefinition<Inputs = Record<string, TensorInfo>, Attributes = object> {
  readonly name: string;
  /**
   * The composed form is the only one, since it calls other kernels. It replaces what is registered: an engine that starts later
   * than cpu has a form that forwards to cpu, where tensors of its own cannot be used.
   */
  readonly composedOnly?: true;
  /** Runs inside a tidy and outside the tape. */
  composed(inputs: Tensors<Inputs>, attributes: Attributes, primitives: Primitives): Tensor | Tensor[];
  /** For backends whose tensors are plain arrays (cpu). */
  flat?(memory: HostMemory, inputs: Inputs, attributes: Attributes): TensorInfo[];
  readonly gradient?: {
    inputsToSave?: (keyof Inputs & string)[];
    outputsToSave?: boolean[];
    gradFunc(
      dy: Tensor | Tensor[],
      saved: Tensor[],
      attributes: Attributes,
    ): Partial<Record<keyof Inputs, () => Tensor>>;
  };
}

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
