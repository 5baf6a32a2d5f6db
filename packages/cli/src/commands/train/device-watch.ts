import { runProgram } from "@csl/internal/processes/run-program";
import * as tf from "@tensorflow/tfjs-core";

/** What a GPU is doing, for the progress line. */
export interface DeviceWatch {
  /** "GPU 12.3 GB 87%": memory in use and the share of the time in which it computed. Nothing without a GPU. */
  text(): string | undefined;
  stop(): void;
}

/** Where the figures come from. */
export interface DeviceSources {
  /** Bytes that tensors take on the GPU; undefined when nothing computes on one. */
  allocated?: () => number | undefined;
  /** Utilisation in percent, or undefined when it is not known. */
  utilisation?: () => Promise<number | undefined>;
  /** Milliseconds between two questions for the utilisation. */
  interval?: number;
}

/** Watches the GPU that the current backend computes on; on a CPU it does nothing at all. */
export function watchDevice({
  allocated = cudaBytes,
  utilisation = askNvidiaSmi,
  interval = 3000,
}: DeviceSources = {}): DeviceWatch {
  let percent: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearInterval(timer);
  async function ask(): Promise<void> {
    percent = await utilisation();
    if (percent === undefined) stop();
  }
  return {
    text() {
      const bytes = allocated();
      if (bytes === undefined) return undefined;
      if (!timer) {
        timer = setInterval(ask, interval).unref();
        void ask();
      }
      const memory = `GPU ${(bytes / 1e9).toFixed(1)} GB`;
      return percent === undefined ? memory : `${memory} ${percent}%`;
    },
    stop,
  };
}

function cudaBytes(): number | undefined {
  return (tf.memory() as tf.MemoryInfo & { cuda?: { allocated: number } }).cuda?.allocated;
}

async function askNvidiaSmi(): Promise<number | undefined> {
  // Counted among those that this process may see.
  const [, index = "0"] = ((tf.backend() as { device?: string }).device ?? "").split(":");
  const gpu = process.env.CUDA_VISIBLE_DEVICES?.split(",")[Number(index)] || index;
  const flags = ["--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-i", gpu];
  const { code, stdout } = await runProgram("nvidia-smi", flags, { timeout: 2000 });
  const percent = Number.parseInt(stdout, 10);
  return code !== 0 || Number.isNaN(percent) ? undefined : percent;
}
