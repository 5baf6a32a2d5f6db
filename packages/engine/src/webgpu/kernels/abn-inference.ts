import {
  CslAbnInference,
  type CslAbnInferenceAttrs,
  type CslAbnInferenceInputs,
} from "@csl/internal/kernels/named-kernels";
import { float } from "../run-shader.js";
import { channelMain, channelRows, channelType, rowWords } from "../shaders/channel-rows.js";
import type { WebKernel } from "../web-kernel.js";

/** Slabs of rows: there is no second pass that would combine them. */
const mostSlabs = 4096;

/** y with given statistics, in one pass. */
export const abnInference: WebKernel<CslAbnInferenceInputs, CslAbnInferenceAttrs> = {
  kernelName: CslAbnInference,
  compute({ inputs: { x, weight, bias, mean, variance }, attrs: { epsilon, slope }, gpu }) {
    const walk = channelRows(x, mostSlabs);
    const { vectors, columns, slabs } = walk;
    const y = gpu.makeActivation(x.shape);
    gpu.run({
      name: CslAbnInference,
      buffers: {
        y: gpu.write(y, vectors),
        x: gpu.read(x, vectors),
        weight: gpu.read(weight, vectors),
        bias: gpu.read(bias, vectors),
        mean: gpu.read(mean, vectors),
        variance: gpu.read(variance, vectors),
      },
      words: { ...rowWords(walk), epsilon: float(epsilon), slope: float(slope) },
      workgroups: [columns, slabs, 1],
      code: () => channelType(walk) + normalise,
    });
    return y;
  },
};

const normalise = channelMain(`
  if (inside) {
    let scale = (abs(load_weight(column)) + words.epsilon) / sqrt(load_variance(column) + words.epsilon);
    let mean = load_mean(column);
    let shift = load_bias(column);
    for (var row = first + lane; row < end; row += 16) {
      let at = row * words.width + column;
      let v = (load_x(at) - mean) * scale + shift;
      store_y(at, select(words.slope * v, v, v > T(0.0)));
    }
  }`);
