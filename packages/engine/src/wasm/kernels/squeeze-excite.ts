import {
  CslSqueezeExcite,
  type CslSqueezeExciteAttrs,
  CslSqueezeExciteGrad,
  type CslSqueezeExciteGradAttrs,
  type CslSqueezeExciteGradInputs,
  type CslSqueezeExciteInputs,
} from "@csl/internal/kernels/named-kernels";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { addressOf, type NativeKernel } from "../native-kernel.js";
import { Task } from "../task.js";

/** [y, pooled, hidden, gate] of a squeeze-and-excitation module; w1 [1,1,channels,reduced], w2 [1,1,reduced,channels]. */
export const squeezeExcite: NativeKernel<CslSqueezeExciteInputs, CslSqueezeExciteAttrs> = {
  kernelName: CslSqueezeExcite,
  compute({ inputs: { x, w1, b1, w2, b2 }, backend, runner }) {
    const [batch, pixels, channels] = sizes(x);
    const reduced = w1.shape[3]!;
    const outputs = [x.shape, [batch, channels], [batch, reduced], [batch, channels]].map((shape) =>
      backend.makeOutput(shape, "float32"),
    );
    const addresses = [x, w1, b1, w2, b2, ...outputs].map((tensor) => addressOf(backend, tensor));
    runner.run(Task.squeezeExcite, batch, [...addresses, pixels, channels, reduced]);
    return outputs;
  },
};

/** [dx, dw1, db1, dw2, db2]. */
export const squeezeExciteGrad: NativeKernel<CslSqueezeExciteGradInputs, CslSqueezeExciteGradAttrs> = {
  kernelName: CslSqueezeExciteGrad,
  compute({ inputs: { dy, x, pooled, hidden, gate, w1, w2 }, backend, runner }) {
    const [batch, pixels, channels] = sizes(x);
    const reduced = w1.shape[3]!;
    const make = (shape: number[]): TensorInfo => backend.makeOutput(shape, "float32");
    const [dx, dw1, db1, dw2, db2] = [
      make(x.shape),
      make(w1.shape),
      make([reduced]),
      make(w2.shape),
      make([channels]),
    ] as const;
    const at = (tensor: TensorInfo): number => addressOf(backend, tensor);
    const d1 = runner.workspace(4 * batch * (reduced + 2 * channels)); // [batch, reduced]
    const d2 = d1 + 4 * batch * reduced; // [batch, channels]
    const dpooled = d2 + 4 * batch * channels;
    const inputs = [dy, x, pooled, hidden, gate, w1, w2, dx].map(at);
    runner.run(Task.squeezeExciteGradient, batch, [...inputs, d1, d2, dpooled, pixels, channels, reduced]);
    runner.run(Task.outerProducts, channels, [at(pooled), d1, at(dw1), at(db1), batch, channels, reduced]);
    runner.run(Task.outerProducts, reduced, [at(hidden), d2, at(dw2), at(db2), batch, reduced, channels]);
    return [dx, dw1, db1, dw2, db2];
  },
};

function sizes({ shape }: TensorInfo): [batch: number, pixels: number, channels: number] {
  const [batch = 1, height = 1, width = 1, channels = 1] = shape;
  return [batch, height * width, channels];
}
