import { CslError } from "@csl/internal/errors/csl-error";
import type { Env } from "onnxruntime-web";
import type { Runtime } from "../onnx/onnx-network.js";

type WebRuntime = Runtime & { env: Env };

/** onnxruntime-web by what it computes on, each with a .wasm file of its own; a page fetches the one that it uses. */
export const runtimes = {
  wasm: (): Promise<WebRuntime> => import("onnxruntime-web/wasm"),
  webgpu: (): Promise<WebRuntime> => import("onnxruntime-web/webgpu"),
} as const;

/** @throws CslError `unsupported` when it cannot be loaded. */
export async function loadRuntime(
  engine: keyof typeof runtimes,
  { wasmPaths, threads }: { wasmPaths: string | undefined; threads: number | undefined },
): Promise<Runtime> {
  try {
    const runtime = await runtimes[engine]();
    if (wasmPaths !== undefined) runtime.env.wasm.wasmPaths = wasmPaths;
    if (threads !== undefined) runtime.env.wasm.numThreads = threads;
    return runtime;
  } catch (cause) {
    throw new CslError(
      "unsupported",
      `createTagger: expected onnxruntime-web, which runs the model, but it does not load: ${(cause as Error).message}. Is it installed?`,
      { cause },
    );
  }
}
