import * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "./torch-backend.js";

interface DataBackend extends tf.KernelBackend {
  write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId;
  readSync(dataId: tf.DataId): tf.backend_util.BackendValues;
  disposeData(dataId: tf.DataId, force?: boolean): boolean;
  data: { get(dataId: tf.DataId): { complexTensorInfos: { real: tf.TensorInfo; imag: tf.TensorInfo } } };
}

type AnyInput = tf.TensorInfo | tf.TensorInfo[] | undefined;

/**
 * A kernel that the cpu backend of TensorFlow.js computes: strings, sparse and ragged tensors, and whatever a network
 * does not train with. Values are copied out and back.
 */
export function forwardToCpu(kernelName: string): tf.KernelConfig {
  return {
    kernelName,
    backendName: "torch",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const torch = backend as TorchBackend;
      const cpu = tf.engine().findBackend("cpu") as DataBackend | undefined;
      const kernel = tf.getKernel(kernelName, "cpu");
      if (!cpu || !kernel) {
        throw new Error(
          `torch: ${kernelName} is computed by the cpu backend. import "@tensorflow/tfjs-backend-cpu" first.`,
        );
      }
      const borrowed: tf.TensorInfo[] = [];
      const lend = (input: tf.TensorInfo): tf.TensorInfo => {
        if (input.dtype === "complex64") return lendComplex(input);
        // Some cpu kernels ask a TensorInfo for its rank, as if it were a Tensor.
        const copy = {
          ...input,
          rank: input.shape.length,
          dataId: cpu.write(torch.readSync(input.dataId), input.shape, input.dtype),
        };
        borrowed.push(copy);
        return copy;
      };
      const lendComplex = (input: tf.TensorInfo): tf.TensorInfo => {
        const { real, imag } = torch.partsOf(input.dataId);
        const complex = tf.getKernel("Complex", "cpu")!.kernelFunc({
          inputs: { real: lend(real), imag: lend(imag) },
          backend: cpu,
        }) as tf.TensorInfo;
        borrowed.push(complex);
        // The parts know no reshape of the whole.
        return { ...complex, shape: input.shape, rank: input.shape.length } as tf.TensorInfo;
      };
      const lendAny = (input: AnyInput): AnyInput =>
        Array.isArray(input) ? input.map(lend) : input && lend(input);
      const cpuInputs = Array.isArray(inputs)
        ? (inputs as tf.TensorInfo[]).map(lend)
        : Object.fromEntries(
            Object.entries(inputs).map(([name, input]) => [name, lendAny(input as AnyInput)]),
          );
      const results = kernel.kernelFunc({
        inputs: cpuInputs as tf.NamedTensorInfoMap,
        ...(attrs ? { attrs } : {}),
        backend: cpu,
      });
      const take = ({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo => {
        if (dtype === "complex64") {
          const { real, imag } = cpu.data.get(dataId).complexTensorInfos;
          const part = ({ dataId: from, shape: side }: tf.TensorInfo): tf.TensorInfo => ({
            dataId: torch.write(cpu.readSync(from), side, "float32"),
            shape: side,
            dtype: "float32",
          });
          const taken = torch.storeComplex(shape, part(real), part(imag));
          cpu.disposeData(dataId);
          return taken;
        }
        const taken = { dataId: torch.write(cpu.readSync(dataId), shape, dtype), shape, dtype };
        cpu.disposeData(dataId);
        return taken;
      };
      const outputs = Array.isArray(results) ? results.map(take) : take(results);
      for (const { dataId } of borrowed.reverse()) cpu.disposeData(dataId);
      return outputs;
    },
  };
}
