import {
  type Attribute,
  getGradient,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  type NamedTensorMap,
  registerGradient,
  registerKernel,
  tidy,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { abn, abnGrad, abnInference } from "./abn.js";
import { addRelu, addReluGrad } from "./add-relu.js";
import { blurPool, blurPoolGrad } from "./blur-pool.js";
import { ceilAvgPool, ceilAvgPoolGrad } from "./ceil-avg-pool.js";
import { flatMemory, hasFlatMemory } from "./flat-memory.js";
import type { KernelDefinition, KernelInputs } from "./kernel-definition.js";
import { primitivesFor } from "./primitives.js";
import { runningUpdate } from "./running-update.js";
import { squeezeExcite, squeezeExciteGrad } from "./squeeze-excite.js";

/** Every named kernel of this package; KERNELS.md is their contract. */
export const kernelDefinitions: readonly KernelDefinition[] = [
  abn,
  abnGrad,
  abnInference,
  addRelu,
  addReluGrad,
  blurPool,
  blurPoolGrad,
  ceilAvgPool,
  ceilAvgPoolGrad,
  runningUpdate,
  squeezeExcite,
  squeezeExciteGrad,
];

const ready = new Set<string>();

/**
 * Makes the named kernels and their gradients known to a backend. Repeating it is free, and a kernel that the backend
 * already registered under the same name stays.
 *
 * @param options.form "flat" takes plain loops where the backend's tensors are plain arrays (cpu) and TensorFlow.js ops
 *   elsewhere; "composed" takes TensorFlow.js ops everywhere. Naming one replaces what is registered (tests,
 *   comparisons); without it "flat" fills only what is missing.
 */
export function registerKernels(backendName: string, { form }: { form?: "flat" | "composed" } = {}): void {
  if (form === undefined && ready.has(backendName)) return;
  for (const definition of kernelDefinitions) {
    if (form !== undefined && getKernel(definition.name, backendName))
      unregisterKernel(definition.name, backendName);
    if (!getKernel(definition.name, backendName)) register(definition, backendName, form ?? "flat");
    // Gradients are global to TensorFlow.js, not per backend: they only call named kernels.
    if (definition.gradient && !getGradient(definition.name))
      registerGradient({ kernelName: definition.name, ...definition.gradient });
  }
  ready.add(backendName);
}

function register(definition: KernelDefinition, backendName: string, form: "flat" | "composed"): void {
  const { name, composed, flat } = definition;
  const attributesOf = (attrs: NamedAttrMap | undefined): Record<string, Attribute> =>
    (attrs ?? {}) as Record<string, Attribute>;
  const primitives = primitivesFor(backendName);
  registerKernel({
    kernelName: name,
    backendName,
    kernelFunc:
      form === "flat" && flat && hasFlatMemory(backendName)
        ? ({ inputs, attrs, backend }) => {
            const memory = flatMemory(backend as KernelBackend);
            const outputs = flat(memory, inputs as KernelInputs, attributesOf(attrs as NamedAttrMap));
            return outputs.length === 1 ? outputs[0]! : outputs;
          }
        : ({ inputs, attrs }) =>
            // TensorFlow.js hands the tensors themselves to a kernel, so ops accept them.
            tidy(() =>
              composed(inputs as unknown as NamedTensorMap, attributesOf(attrs as NamedAttrMap), primitives),
            ),
  });
}
