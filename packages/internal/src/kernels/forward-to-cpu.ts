import * as tf from "@tensorflow/tfjs-core";
import { CslError } from "../errors/csl-error.js";

interface Parts {
  real: tf.TensorInfo;
  imag: tf.TensorInfo;
}

/** The part of a backend that the forwarding needs. */
interface DataBackend extends tf.KernelBackend {
  write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId;
  readSync(dataId: tf.DataId): tf.backend_util.BackendValues;
  disposeData(dataId: tf.DataId, force?: boolean): boolean;
}

/** What a backend that has complex tensors offers besides. */
interface ComplexBackend {
  partsOf(dataId: tf.DataId): Parts;
  storeComplex(shape: number[], real: tf.TensorInfo, imag: tf.TensorInfo): tf.TensorInfo;
}

interface CpuBackend extends DataBackend {
  data: { get(dataId: tf.DataId): { complexTensorInfos: Parts } };
}

type AnyInput = tf.TensorInfo | tf.TensorInfo[] | undefined;

/**
 * A kernel of `backendName` that TensorFlow.js's cpu backend computes, for the kernels that are rarely used: strings, sparse
 * and ragged tensors, and whatever a network does not train with. Values are copied out and back, which is slow.
 */
export function forwardToCpu(kernelName: string, backendName: string): tf.KernelConfig {
  return {
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const cpu = tf.engine().findBackend("cpu") as CpuBackend | undefined;
      const kernel = tf.getKernel(kernelName, "cpu");
      if (!cpu || !kernel) {
        throw new CslError(
          "unsupported",
          `${backendName}: ${kernelName} is computed by the cpu backend, which is absent. ` +
            'import "@tensorflow/tfjs-backend-cpu" (or "@tensorflow/tfjs") first.',
        );
      }
      const copies = new CpuCopies(backend as DataBackend & Partial<ComplexBackend>, cpu);
      try {
        const results = kernel.kernelFunc({
          inputs: copies.all(inputs) as tf.NamedTensorInfoMap,
          ...(attrs ? { attrs } : {}),
          backend: cpu,
        });
        return Array.isArray(results)
          ? results.map((result) => copies.bringBack(result))
          : copies.bringBack(results);
      } finally {
        copies.dispose();
      }
    },
  };
}

/** The inputs of one call, on the cpu backend. */
class CpuCopies {
  readonly #backend: DataBackend & Partial<ComplexBackend>;
  readonly #cpu: CpuBackend;
  readonly #made: tf.TensorInfo[] = [];

  constructor(backend: DataBackend & Partial<ComplexBackend>, cpu: CpuBackend) {
    this.#backend = backend;
    this.#cpu = cpu;
  }

  all(inputs: tf.NamedTensorInfoMap | tf.TensorInfo[]): object {
    if (Array.isArray(inputs)) return inputs.map((input) => this.#copy(input));
    return Object.fromEntries(
      Object.entries(inputs).map(([name, input]: [string, AnyInput]) => [
        name,
        Array.isArray(input) ? input.map((each) => this.#copy(each)) : input && this.#copy(input),
      ]),
    );
  }

  #copy(input: tf.TensorInfo): tf.TensorInfo {
    if (input.dtype === "complex64") return this.#copyComplex(input);
    const values = this.#backend.readSync(input.dataId);
    // Some cpu kernels ask a TensorInfo for its rank, as if it were a Tensor.
    const rank = input.shape.length;
    const copy = { ...input, rank, dataId: this.#cpu.write(values, input.shape, input.dtype) };
    this.#made.push(copy);
    return copy;
  }

  #copyComplex(input: tf.TensorInfo): tf.TensorInfo {
    const { partsOf } = this.#backend;
    if (!partsOf) throw noComplex();
    const { real, imag } = partsOf.call(this.#backend, input.dataId);
    const complex = tf.getKernel("Complex", "cpu")!.kernelFunc({
      inputs: { real: this.#copy(real), imag: this.#copy(imag) },
      backend: this.#cpu,
    }) as tf.TensorInfo;
    this.#made.push(complex);
    // The parts know no reshape of the whole.
    return { ...complex, shape: input.shape, rank: input.shape.length } as tf.TensorInfo;
  }

  bringBack({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
    const move = (from: tf.TensorInfo): tf.TensorInfo => {
      const values = this.#cpu.readSync(from.dataId);
      return {
        dataId: this.#backend.write(values, from.shape, from.dtype),
        shape: from.shape,
        dtype: from.dtype,
      };
    };
    const moved =
      dtype === "complex64" ? this.#bringBackComplex(dataId, shape, move) : move({ dataId, shape, dtype });
    this.#cpu.disposeData(dataId);
    return moved;
  }

  #bringBackComplex(
    dataId: tf.DataId,
    shape: number[],
    move: (from: tf.TensorInfo) => tf.TensorInfo,
  ): tf.TensorInfo {
    const { storeComplex } = this.#backend;
    if (!storeComplex) throw noComplex();
    const { real, imag } = this.#cpu.data.get(dataId).complexTensorInfos;
    const part = (of: tf.TensorInfo): tf.TensorInfo => move({ ...of, dtype: "float32" });
    return storeComplex.call(this.#backend, shape, part(real), part(imag));
  }

  dispose(): void {
    for (const { dataId } of this.#made.reverse()) this.#cpu.disposeData(dataId);
  }
}

function noComplex(): CslError {
  return new CslError(
    "unsupported",
    `${tf.getBackend()}: this backend has no complex numbers. Use the cpu backend.`,
  );
}
