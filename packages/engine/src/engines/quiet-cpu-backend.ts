import * as tf from "@tensorflow/tfjs-core";

/** The cpu backend prints an advertisement for tfjs-node at its first use; the engine's own message says it better. */
export function quietCpuBackend(): void {
  const cpu = tf.engine().findBackend("cpu") as unknown as { firstUse: boolean } | null;
  if (cpu) cpu.firstUse = false;
}
