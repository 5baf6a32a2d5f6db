import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Binding, GpuBackend, TensorData } from "../gpu-backend.js";
import { widenHalves } from "./widen-halves.js";

/**
 * Teaches a backend that the numbers of a tensor may be a part of a buffer, or float16. Its own kernels bind a part as it is
 * (they only read such tensors), and find float32 where float16 was; a read copies the part out first.
 */
export function placeTensors(backend: GpuBackend): void {
  const bind = backend.tensorToBinding.bind(backend);
  const upload = backend.uploadToGPU.bind(backend);
  const release = backend.releaseResource.bind(backend);
  const read = backend.read.bind(backend);
  const readSync = backend.readSync.bind(backend);
  const readToGPU = backend.readToGPU.bind(backend);
  const dataOf = (dataId: object): TensorData => backend.tensorMap.get(dataId);

  backend.tensorToBinding = (tensor: TensorInfo): Binding => {
    const binding = bind(tensor);
    const place = tensor && dataOf(tensor.dataId).place;
    return place ? { ...binding, offset: place.offset, size: place.bytes } : binding;
  };
  backend.uploadToGPU = (dataId) => {
    upload(dataId);
    if (dataOf(dataId).half) widenHalves(backend, dataId);
  };
  backend.releaseResource = (dataId) => {
    const data = dataOf(dataId);
    if (!data?.place) return release(dataId);
    data.resource = null;
    data.place.release();
    data.place = undefined;
  };
  /** The tensor with a float32 buffer of its own, which the library's reads need. */
  const plain = (dataId: object): object => {
    const data = backend.tensorMap.has(dataId) ? dataOf(dataId) : undefined;
    if (data?.half) widenHalves(backend, dataId);
    return data?.place && data.values == null ? copyOut(backend, data) : dataId;
  };
  backend.read = async (dataId) => {
    const from = plain(dataId);
    try {
      return await read(from);
    } finally {
      if (from !== dataId) backend.disposeData(from);
    }
  };
  const withPlain =
    <T>(work: (dataId: object) => T) =>
    (dataId: object): T => {
      const from = plain(dataId);
      try {
        return work(from);
      } finally {
        if (from !== dataId) backend.disposeData(from);
      }
    };
  backend.readSync = withPlain(readSync);
  backend.readToGPU = withPlain(readToGPU);
}

/** A copy of a part as a tensor of its own. */
function copyOut(backend: GpuBackend, { place, resource, dtype }: TensorData): object {
  const { dataId } = backend.makeTensorInfo([place!.bytes / 4], dtype);
  backend.uploadToGPU(dataId);
  copyNumbers(
    backend,
    { buffer: resource!, offset: place!.offset },
    { buffer: backend.tensorMap.get(dataId).resource! },
    place!.bytes,
  );
  return dataId;
}

/** Records a copy between buffers. */
export function copyNumbers(backend: GpuBackend, from: Binding, to: Binding, bytes: number): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.commandEncoder.copyBufferToBuffer(from.buffer, from.offset ?? 0, to.buffer, to.offset ?? 0, bytes);
}
