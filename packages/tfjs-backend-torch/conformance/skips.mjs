/** Specs of TensorFlow.js core's suite that are left out: reason → parts of their names. */
export const skips = {
  "the gradient of an average divides by the real pixels of its window, as the average itself does; the suite by the whole window":
    ["avgPool torch {} gradient x=[3,3,1] f=[3,3] s=1 p=explicit"],
  "a NaN stays visible in a maximum over a window, as in PyTorch and in tf.max; the suite passes over it": [
    "maxPool torch {} [x=[3,3,1] f=[2,2] s=1 ignores NaNs",
  ],
};
