import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";

/** The part of a backend that the forwarding needs: both TensorFlow.js backends have it. */
interface DataBackend extends tf.KernelBackend {
  write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId;
  readSync(dataId: tf.DataId): tf.backend_util.BackendValues;
  disposeData(dataId: tf.DataId, force?: boolean): boolean;
}

/**
 * A kernel for `backendName` that has the cpu backend do the work: read, compute in JavaScript, write back.
 * The simplest way to make anything run, and the slowest: the yardstick of benchmarks/src/training/wasm-training.ts
 * and the net below the kernels that are rarely used.
 */
export function forwardToCpu(kernelName: string, backendName: string): tf.KernelConfig {
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs, backend }) => {
    const here = backend as DataBackend;
    const cpu = tf.engine().findBackend("cpu") as DataBackend;
    const kernel = tf.getKernel(kernelName, "cpu");
    if (!kernel || !cpu) {
      throw new CslError(
        "unsupported",
        `${kernelName}: expected the cpu backend to have this kernel. import "@tensorflow/tfjs" registers it.`,
      );
    }
    const copies: tf.TensorInfo[] = [];
    const copy = ({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo => {
      const made = { dataId: cpu.write(here.readSync(dataId), shape, dtype), shape, dtype };
      copies.push(made);
      return made;
    };
    const cpuInputs = Array.isArray(inputs)
      ? (inputs as tf.TensorInfo[]).map(copy)
      : Object.fromEntries(
          Object.entries(inputs).map(([name, input]) => [
            name,
            Array.isArray(input) ? input.map(copy) : input && copy(input),
          ]),
        );
    const computed = kernel.kernelFunc({
      inputs: cpuInputs as tf.NamedTensorInfoMap,
      ...(attrs ? { attrs } : {}),
      backend: cpu,
    });
    const outputs = (Array.isArray(computed) ? computed : [computed]).map(({ dataId, shape, dtype }) => {
      const made = { dataId: here.write(cpu.readSync(dataId), shape, dtype), shape, dtype };
      cpu.disposeData(dataId);
      return made;
    });
    for (const { dataId } of copies) cpu.disposeData(dataId);
    return Array.isArray(computed) ? outputs : outputs[0]!;
  };
  return { kernelName, backendName, kernelFunc };
}
