import { CslError } from "@csl/internal/errors/csl-error";
import type { InferenceSession, Tensor, TensorConstructor } from "onnxruntime-node";
import type { Network } from "../tagger/network.js";
import { readDescription } from "./read-description.js";

/** What is used of onnxruntime-node and onnxruntime-web alike. */
export interface Runtime {
  InferenceSession: {
    create(model: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  Tensor: TensorConstructor;
}

export interface OnnxOptions {
  /** As onnxruntime calls its execution providers: cpu, cuda, wasm, webgpu … */
  engine: string;
  /** Threads that compute. Default: onnxruntime's, which is the number of cores in Node. */
  threads?: number | undefined;
}

/**
 * An exported model in onnxruntime.
 *
 * @param source the model, as errors name it
 * @throws CslError `invalid-file` when the bytes are no exported model; `unsupported` when onnxruntime cannot run it.
 */
export async function onnxNetwork(
  { InferenceSession, Tensor }: Runtime,
  model: Uint8Array,
  source: string,
  { engine, threads }: OnnxOptions,
): Promise<Network> {
  const description = readDescription(model, source);
  const { imageSize: size, preprocessing, classes } = description;
  const session = await InferenceSession.create(model, {
    executionProviders: [engine],
    logSeverityLevel: 3, // warnings are about its own optimisations
    ...(threads !== undefined && { intraOpNumThreads: threads }),
  }).catch((cause: Error) => {
    throw new CslError(
      "unsupported",
      `createTagger: expected onnxruntime to run ${source} on "${engine}", but it says: ${firstLine(cause)}`,
      { cause },
    );
  });
  const inputOf = (pixels: Uint8Array, count: number): Tensor =>
    preprocessing
      ? new Tensor("uint8", pixels, [count, size, size, 3])
      : new Tensor("float32", planes(pixels, count), [count, 3, size, size]);
  return {
    description,
    async run(pixels, count) {
      const images = inputOf(pixels, count);
      const { logits } = await session.run({ images }).catch((cause: Error) => {
        throw new CslError(
          "failed",
          `tagger: expected onnxruntime to run ${count} images, but it says: ${firstLine(cause)}`,
          { cause },
        );
      });
      const got = logits?.dims.join(" x ");
      if (got !== `${count} x ${classes.length}`)
        throw new CslError(
          "invalid-file",
          `${source}: expected logits of ${count} x ${classes.length}, got ${got ?? "none"}. Write it with csl export --format onnx.`,
        );
      return logits!.data as Float32Array;
    },
    dispose: () => session.release(),
  };
}

/** [count, height, width, 3] bytes → [count, 3, height, width] in [0, 1]. */
function planes(pixels: Uint8Array, count: number): Float32Array {
  const floats = new Float32Array(pixels.length);
  const plane = pixels.length / count / 3;
  for (let image = 0, from = 0; image < count; image++)
    for (let pixel = 0, to = image * plane * 3; pixel < plane; pixel++, to++)
      for (let channel = 0; channel < 3; channel++, from++)
        floats[to + channel * plane] = pixels[from]! / 255;
  return floats;
}

function firstLine(error: Error): string {
  return String(error.message ?? error).split("\n")[0]!;
}
