import * as tf from "@tensorflow/tfjs-core";

/**
 * Runs `body` and fails when it leaves more (or fewer) live tensors behind than `allowed`.
 * The proof behind the ownership rule: tidy inside, the caller owns what is returned.
 */
export async function expectNoLeak(body: () => unknown, { allowed = 0 } = {}): Promise<void> {
  const before = tf.memory().numTensors;
  await body();
  const leaked = tf.memory().numTensors - before;
  if (leaked !== allowed) throw new Error(`expected ${allowed} tensors to stay alive, found ${leaked}`);
}
