import * as tf from "@tensorflow/tfjs-core";
import type { EngineDriver, Started } from "./engine-driver.js";
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
  }): Promise<{ device: string; version: string }>;
}

/** libtorch through the optional peer @csl/tfjs-backend-torch. */
export function torchEngine(name: "torch-cuda" | "torch"): EngineDriver {
  const device = name === "torch-cuda" ? "cuda" : "cpu";
  const hint =
    device === "cuda"
      ? `pnpm add ${packageName} on a machine with an NVIDIA GPU and pip install torch`
      : `pnpm add ${packageName} and pip install torch`;

  const load = async (): Promise<TorchBackend | undefined> => {
    const found = findOptionalPackage(packageName);
    return found && ((await import(found.require.resolve(packageName))) as TorchBackend);
  };

  return {
    name,
    async probe() {
      if (!findOptionalPackage(packageName)) {
        return { available: false, detail: `${packageName} is not installed`, hint };
      }
      const backend = await load();
      return (await backend?.probeTorch?.({ device })) ?? { available: true, detail: packageName };
    },
    async start({ threads }): Promise<Started> {
      const backend = await load();
      if (!backend?.startTorch) throw new Error(`${packageName} does not offer startTorch()`);
      const started = await backend.startTorch({ device, threads });
      if (!(await tf.setBackend("torch"))) throw new Error("its backend did not start");
      return started;
    },
  };
}
