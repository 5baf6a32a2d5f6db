import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import type { CaptureStep } from "./capture-step.js";
import type { EngineDriver, Precision, Started } from "./engine-driver.js";
import { findOptionalPackage } from "./find-optional-package.js";

const packageName = "@csl/tfjs-backend-torch";

/** What @csl/tfjs-backend-torch offers to be started by name; it registers the backend "torch". */
interface TorchBackend {
  probeTorch?(options: {
    device: "cuda" | "cpu";
  }): Promise<{ available: boolean; detail: string; hint?: string }>;
  startTorch?(options: {
    device: "cuda" | "cpu";
    threads: number;
    precision: Precision;
    log?: (line: string) => void;
  }): Promise<{ device: string; version: string; precision?: string; recordsSteps?: boolean }>;
  captureStep?: CaptureStep;
  buildTorch?(options: { log?: (line: string) => void }): Promise<{ path: string; version: string }>;
}

async function load(): Promise<TorchBackend | undefined> {
  const found = findOptionalPackage(packageName);
  return found && ((await import(pathToFileURL(found.require.resolve(packageName)).href)) as TorchBackend);
}

/**
 * Compiles the torch engine's binding against the libtorch of this machine, once.
 *
 * @throws when @csl/tfjs-backend-torch, libtorch or a C++ compiler is missing, with the command that brings it.
 */
export async function buildTorch({ log }: { log?: (line: string) => void } = {}): Promise<{
  path: string;
  version: string;
}> {
  const backend = await load();
  if (!backend?.buildTorch) {
    throw new Error(
      `buildTorch: expected ${packageName} to be installed, found none. pnpm add ${packageName}`,
    );
  }
  return backend.buildTorch(log ? { log } : {});
}

/** libtorch through the optional peer @csl/tfjs-backend-torch. */
export function torchEngine(name: "torch-cuda" | "torch"): EngineDriver {
  const device = name === "torch-cuda" ? "cuda" : "cpu";
  const hint =
    device === "cuda"
      ? `pnpm add ${packageName} on a machine with an NVIDIA GPU and pip install torch`
      : `pnpm add ${packageName}, and pip install torch (or, on Debian and Ubuntu, apt-get install g++ libtorch-dev)`;

  return {
    name,
    bf16: true,
    async probe() {
      if (!findOptionalPackage(packageName)) {
        return { available: false, detail: `${packageName} is not installed`, hint };
      }
      const backend = await load();
      return (await backend?.probeTorch?.({ device })) ?? { available: true, detail: packageName };
    },
    async start({ threads, precision, log }): Promise<Started> {
      const backend = await load();
      if (!backend?.startTorch) throw new Error(`${packageName} does not offer startTorch()`);
      const { recordsSteps, ...started } = await backend.startTorch({
        device,
        threads,
        precision,
        ...(log ? { log } : {}),
      });
      if (!(await tf.setBackend("torch"))) throw new Error("its backend did not start");
      const half = started.precision === "bf16" ? ", activations in bfloat16" : "";
      const { captureStep } = backend;
      return {
        ...started,
        device: `${started.device}${half}`,
        ...(recordsSteps && captureStep && { captureStep }),
      };
    },
  };
}
