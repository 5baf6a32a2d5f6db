import * as tf from "@tensorflow/tfjs-core";

/** Takes ownership of `gradients`. */
export function addInto(sums: Map<string, tf.Tensor>, gradients: ReadonlyMap<string, tf.Tensor>): void {
  for (const [key, gradient] of gradients) {
    const sum = sums.get(key);
    // Gradients may come within a tidy.
    sums.set(key, sum ? tf.keep(tf.add(sum, gradient)) : gradient);
    if (sum) tf.dispose([sum, gradient]);
  }
}
