import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { type HostMemory, hostMemories } from "@csl/internal/kernels/host-memory";
import { CslPartialLoss, type CslPartialLossInputs } from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import type { LabelledValues } from "../policies/unannotated-policy.js";
import { assertTensors, assertValues } from "./check-batch.js";
import type { LossSettings } from "./loss-settings.js";
import { partialLossTensors } from "./partial-loss-tensors.js";
import { partialLossValues } from "./partial-loss-values.js";

/** TensorFlow.js hands the tensors themselves to a kernel, so ops accept them. */
interface KernelInputs extends CslPartialLossInputs {
  logits: tf.Tensor2D;
  labels: tf.Tensor2D;
  prior?: tf.Tensor1D;
}

/**
 * Registers the kernel for a backend, the faster form where there is a choice. Idempotent: a kernel that is there
 * already, such as a backend's own, stays unless `form` asks for one. Every loss does this for the current backend.
 *
 * @param options.form `values`: plain numbers in the backend's memory (cpu, wasm). `composed`: TensorFlow.js operations
 * (any backend).
 */
export function registerKernels(
  backendName: string = tf.getBackend(),
  options: { form?: "values" | "composed" } = {},
): void {
  checkOptions("registerKernels", options, { form: true });
  const { form } = options;
  if (form === undefined) {
    ensureKernel(backendName);
    return;
  }
  const memory = hostMemories[backendName];
  if (form !== "composed" && !(form === "values" && memory))
    throw new CslError(
      "invalid-argument",
      `registerKernels: expected form "composed", or "values" on one of ${Object.keys(hostMemories).join(", ")}, got ${JSON.stringify(form)} on ${backendName}.`,
    );
  if (tf.getKernel(CslPartialLoss, backendName)) tf.unregisterKernel(CslPartialLoss, backendName);
  register(backendName, form === "values" ? memory : undefined);
}

/** Registers the faster form unless the backend has a kernel. */
export function ensureKernel(backendName: string): void {
  if (!tf.getKernel(CslPartialLoss, backendName)) register(backendName, hostMemories[backendName]);
}

function register(backendName: string, memory: ((backend: unknown) => HostMemory) | undefined): void {
  tf.registerKernel({
    kernelName: CslPartialLoss,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const tensors = inputs as unknown as KernelInputs;
      const settings = attrs as unknown as LossSettings;
      return memory ? runValues(tensors, settings, memory(backend)) : runTensors(tensors, settings);
    },
  });
}

function runValues(
  { logits, labels }: KernelInputs,
  settings: LossSettings,
  memory: HostMemory,
): tf.TensorInfo[] {
  const [rows, classes] = logits.shape;
  const batch = (): LabelledValues => ({
    logits: memory.view(logits),
    labels: memory.view<Float32Array | Int32Array | Uint8Array>(labels),
    rows,
    classes,
  });
  // The first look also brings tensors over from another backend, so that nothing moves once outputs are allocated.
  const inspected = batch();
  if (settings.validate) assertValues(settings.speaker, inspected);
  const loss = memory.allocate([]);
  const gradient = memory.allocate(logits.shape);
  memory.view(loss)[0] = partialLossValues(batch(), settings, memory.view(gradient));
  return [loss, gradient];
}

function runTensors({ logits, labels, prior }: KernelInputs, settings: LossSettings): tf.TensorInfo[] {
  if (settings.validate) assertTensors(settings.speaker, logits, labels);
  return tf.tidy(() =>
    partialLossTensors({ logits, labels: tf.cast(labels, "float32"), ...(prior && { prior }) }, settings),
  );
}
