import * as tf from "@tensorflow/tfjs";
import { cpuFlags, type Precision } from "../src/precision.js";
import { probeTorch, startTorch } from "../src/start-torch.js";
import type { TorchBackend } from "../src/torch-backend.js";
import { prepareTestDevice, startedDevice, testDevice } from "./test-device.js";

const probe = await probeTorch({ device: testDevice === "cuda" ? "cuda" : "cpu" });

/** Whether the tests of what libtorch computes are left out, and the words for it that go into their names. */
export const withoutTorch: boolean = !probe.available;
export const onTorch: string = withoutTorch
  ? `(left out: ${probe.detail}; ${probe.hint})`
  : testDevice === "cpu"
    ? probe.detail
    : `${probe.detail}, device ${testDevice}`;

/** The tests compute on a device with a memory of its own, where loops over host memory are not used. */
export const onDevice: boolean = testDevice !== "cpu";

/** bfloat16 is for CPUs with AVX-512; on others libtorch may not have its operators. */
export const withoutReduced: boolean = withoutTorch || (testDevice !== "cuda" && !cpuFlags().has("avx512bw"));

/** Whether the binding multiplies bfloat16 itself, as binding/machine-features.h has it, instead of leaving that to oneDNN. */
export const multipliesHalves: boolean =
  testDevice === "cpu" && !withoutReduced && cpuFlags().has("avx512_bf16") && !cpuFlags().has("amx_bf16");

/** A generous time for the hook that calls `useTorch`: the first call on a machine compiles. */
export const compileTime = 300_000;

export async function useTorch({
  precision = "float32",
}: {
  precision?: Precision;
} = {}): Promise<TorchBackend> {
  await prepareTestDevice();
  await startTorch({ device: startedDevice, threads: 1, precision });
  await tf.setBackend("torch");
  return tf.backend() as unknown as TorchBackend;
}

/** What `body` gives on a backend, as plain numbers. */
export async function valuesOn(backend: string, body: () => tf.Tensor | tf.Tensor[]): Promise<number[][]> {
  await tf.setBackend(backend);
  return tf.tidy(() => [body()].flat().map((tensor) => [...tensor.dataSync()]));
}
