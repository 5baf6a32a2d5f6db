import * as tf from "@tensorflow/tfjs-core";

interface Backend {
  device: GPUDevice;
  disposeData(dataId: object): boolean;
}

const mended = new WeakSet<object>();

/** Puts right what TensorFlow.js's own kernels of this backend do wrong in a training. Idempotent. */
export function mendStockKernels(): void {
  const stock = tf.getKernel("AddN", "webgpu");
  if (!stock || mended.has(stock)) return;
  tf.unregisterKernel("AddN", "webgpu");
  tf.registerKernel({ ...stock, kernelFunc: addInGroups(stock.kernelFunc) });
  mended.add(tf.getKernel("AddN", "webgpu")!);
}

/** Its AddN binds all tensors to one shader, which takes about ten; a norm over all parameters adds hundreds. */
function addInGroups(addN: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const backend = call.backend as Backend;
    const most = backend.device.limits.maxStorageBuffersPerShaderStage - 1; // one is the sum
    let tensors = call.inputs as unknown as tf.TensorInfo[];
    let made: tf.TensorInfo[] = [];
    while (tensors.length > most) {
      const sums: tf.TensorInfo[] = [];
      for (let from = 0; from < tensors.length; from += most) {
        const inputs = tensors.slice(from, from + most) as unknown as tf.NamedTensorInfoMap;
        sums.push(addN({ ...call, inputs }) as tf.TensorInfo);
      }
      for (const { dataId } of made) backend.disposeData(dataId);
      tensors = made = sums;
    }
    const sum = addN({ ...call, inputs: tensors as unknown as tf.NamedTensorInfoMap });
    for (const { dataId } of made) backend.disposeData(dataId);
    return sum;
  };
}
