import { CslError } from "@csl/internal/errors/csl-error";
import { installCommand } from "@csl/internal/processes/install-command";

/** An ONNX model of `csl export` that runs. */
export interface OnnxSession {
  /** Images as bytes [size, height, width, 3] -> [size · classes] logits. */
  logits(images: Uint8Array, shape: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Runs a model by onnxruntime-node, which only those install who want it.
 *
 * @throws CslError `unsupported` with the way to get it
 */
export async function openSession(bytes: Uint8Array): Promise<OnnxSession> {
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  return {
    async logits(images, shape) {
      // A copy: memory that threads share is not taken.
      const { logits } = await session.run({ images: new Tensor("uint8", images.slice(), shape) });
      return logits!.data as Float32Array;
    },
    close: () => session.release(),
  };
}

/** Asked for before anything is computed. */
export async function loadRuntime(): Promise<typeof import("onnxruntime-node")> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw new CslError(
      "unsupported",
      "csl export: expected the package onnxruntime-node for --data, which scores the exported model by it, got none. " +
        `To get it: ${installCommand("onnxruntime-node", import.meta.url, { ignoreScripts: true })}. Without --data the model is exported all the same.`,
      { cause },
    );
  }
}
