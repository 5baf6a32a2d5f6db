/** Specs of TensorFlow.js core's suite that are left out: reason → parts of their names. */
export const skips = {};
