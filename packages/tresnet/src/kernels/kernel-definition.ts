import type { GradConfig, NamedTensorMap, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import type { FlatMemory } from "./flat-memory.js";
import type { Primitives } from "./primitives.js";

export type KernelInputs = Record<string, TensorInfo>;
// biome-ignore lint/suspicious/noExplicitAny: attributes differ per kernel and KERNELS.md types them
export type KernelAttributes = Record<string, any>;

/** One named kernel: its TensorFlow.js-op form for any backend, a plain loop for cpu, its gradient. */
export interface KernelDefinition {
  readonly name: string;
  /** Runs inside a tidy and outside the tape. */
  readonly composed: (
    inputs: NamedTensorMap,
    attributes: KernelAttributes,
    primitives: Primitives,
  ) => Tensor | Tensor[];
  /** For backends whose tensors are plain arrays (cpu). */
  readonly flat?: (memory: FlatMemory, inputs: KernelInputs, attributes: KernelAttributes) => TensorInfo[];
  readonly gradient?: Omit<GradConfig, "kernelName">;
}
