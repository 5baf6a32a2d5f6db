import { checkOptions } from "@csl/internal/errors/check-options";
import { hostMemories } from "@csl/internal/kernels/host-memory";
import {
  type GradConfig,
  getGradient,
  getKernel,
  registerGradient,
  registerKernel,
  type Tensor,
  type TensorInfo,
  tidy,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { abn, abnGrad, abnInference, runningUpdate } from "./abn.js";
import { addRelu, addReluGrad } from "./add-relu.js";
import { blurPool, blurPoolGrad } from "./blur-pool.js";
import { ceilAvgPool, ceilAvgPoolGrad } from "./ceil-avg-pool.js";
import type { KernelDefinition } from "./kernel-definition.js";
import { primitivesFor } from "./primitives.js";
import { squeezeExcite, squeezeExciteGrad } from "./squeeze-excite.js";
import { syncedAbn, syncedAbnGrad } from "./synced-abn.js";

/** Every named kernel of this package; KERNELS.md is their contract. */
export const kernelDefinitions = [
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
  syncedAbn,
  syncedAbnGrad,
] as unknown as readonly KernelDefinition[];

const ready = new Set<string>();

/**
 * Makes the named kernels and their gradients known to a backend. Repeating it is free, and a kernel that the backend
 * already registered under the same name stays.
 *
 * @param options.form "flat" takes plain loops where the backend's tensors are plain arrays (cpu) and TensorFlow.js ops
 *   elsewhere; "composed" takes TensorFlow.js ops everywhere. Naming one replaces what is registered (tests,
 *   comparisons); without it "flat" fills only what is missing.
 */
export function registerKernels(backendName: string, options: { form?: "flat" | "composed" } = {}): void {
  checkOptions("registerKernels", options, { form: true });
  const { form } = options;
  if (form === undefined && ready.has(backendName)) return;
  for (const definition of kernelDefinitions) {
    if ((form !== undefined || definition.composedOnly) && getKernel(definition.name, backendName))
      unregisterKernel(definition.name, backendName);
    if (!getKernel(definition.name, backendName)) register(definition, backendName, form ?? "flat");
    // Gradients are global to TensorFlow.js, not per backend: they only call named kernels.
    if (definition.gradient && !getGradient(definition.name))
      registerGradient({ kernelName: definition.name, ...definition.gradient } as GradConfig);
  }
  ready.add(backendName);
}

/**
 * Where loops of ours replace the chain of TensorFlow.js ops: the ops of cpu run a few nanoseconds per element and op.
 * (Not on wasm, whose tensors are plain arrays too: its ops are SIMD and beat loops in JavaScript.)
 */
const loopBackend = "cpu";

function register(definition: KernelDefinition, backendName: string, form: "flat" | "composed"): void {
  const { name, composed, flat } = definition;
  const primitives = primitivesFor(backendName);
  const memoryOf = form === "flat" && backendName === loopBackend ? hostMemories[backendName] : undefined;
  registerKernel({
    kernelName: name,
    backendName,
    kernelFunc:
      flat && memoryOf
        ? ({ inputs, attrs, backend }) => {
            const outputs = flat(memoryOf(backend), inputs as Record<string, TensorInfo>, attrs ?? {});
            return outputs.length === 1 ? outputs[0]! : outputs;
          }
        : ({ inputs, attrs }) =>
            // TensorFlow.js hands the tensors themselves to a kernel, so ops accept them.
            tidy(() => composed(inputs as Record<string, Tensor>, attrs ?? {}, primitives)),
  });
}
