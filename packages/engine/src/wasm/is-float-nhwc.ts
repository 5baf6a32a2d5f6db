import type { TensorInfo } from "@tensorflow/tfjs-core";

/** Whether all inputs are float32 and lie with their channels innermost: what our kernels are written for. */
export function isFloatNhwc(inputs: object, { dataFormat }: { dataFormat?: string }): boolean {
  return (
    (dataFormat ?? "NHWC") === "NHWC" &&
    Object.values(inputs).every((input: TensorInfo | undefined) => !input || input.dtype === "float32")
  );
}
