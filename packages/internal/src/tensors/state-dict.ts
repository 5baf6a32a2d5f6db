/** One entry of a PyTorch state dict, in PyTorch's shape and order. */
export interface StateTensor {
  shape: number[];
  data: Float32Array;
}

/** State-dict key → tensor. */
export type StateDict = Map<string, StateTensor>;
