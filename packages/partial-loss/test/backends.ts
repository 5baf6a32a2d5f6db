import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { registerKernels } from "../src/kernel/register-kernels.js";

type KernelForm = "values" | "composed";

/** Every backend of the tests with every form of the kernel. */
export const testBackends: readonly (readonly [backend: "cpu" | "wasm", form: KernelForm])[] = [
  ["cpu", "values"],
  ["cpu", "composed"],
  ["wasm", "values"],
  ["wasm", "composed"],
];

export async function useBackend(backend: string, form?: KernelForm): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`useBackend: ${backend} did not start`);
  registerKernels(backend, form ? { form } : {});
}

/** Value and gradient with respect to the logits, as plain numbers; leaves nothing behind. */
export function valueAndGradient(
  loss: (logits: tf.Tensor, labels: tf.Tensor) => tf.Scalar,
  logits: number[][] | tf.Tensor2D,
  labels: number[][] | tf.Tensor2D,
): { value: number; gradient: Float32Array } {
  return tf.tidy(() => {
    const y = labels instanceof tf.Tensor ? labels : tf.tensor2d(labels);
    const x = logits instanceof tf.Tensor ? logits : tf.tensor2d(logits);
    const { value, grad } = tf.valueAndGrad((input: tf.Tensor) => loss(input, y))(x);
    return { value: value.dataSync()[0]!, gradient: grad.dataSync<"float32">() };
  });
}
