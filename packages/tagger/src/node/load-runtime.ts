import { CslError } from "@csl/internal/errors/csl-error";
import { installCommand } from "@csl/internal/processes/install-command";
import type { Runtime } from "../onnx/onnx-network.js";

/** onnxruntime-node, which is 290 MB with the libraries of all systems: it is installed by those who want it. */
export async function loadRuntime(): Promise<Runtime> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND")
      throw new CslError(
        "unsupported",
        `createTagger: expected onnxruntime-node to load, but it says: ${message}`,
        { cause },
      );
    throw new CslError(
      "unsupported",
      "createTagger: expected onnxruntime-node, which runs the model and is not installed. " +
        `To get it: ${installCommand("onnxruntime-node", import.meta.url, { ignoreScripts: true })}.`,
      { cause },
    );
  }
}
