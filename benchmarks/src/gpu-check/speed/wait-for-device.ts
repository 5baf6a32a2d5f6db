import * as tf from "@tensorflow/tfjs";

/** Returns when the device has computed what it was given: it reads a number made from `last`. */
export async function waitForDevice(last: tf.Tensor): Promise<void> {
  const number = tf.tidy(() => tf.sum(last));
  await number.data();
  number.dispose();
}
