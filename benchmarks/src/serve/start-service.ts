import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface RunningService {
  url: string;
  /** Bytes that the process holds. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts `csl serve` in a process of its own. */
export async function startService(model: string, flags: readonly string[]): Promise<RunningService> {
  const main = join(import.meta.dirname, "../../../packages/cli/src/main.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=@csl/source", "--import", "tsx", main, "serve", model, "--port", "0", ...flags],
    { stdio: ["ignore", "pipe", "inherit"], cwd: join(import.meta.dirname, "../..") },
  );
  const ended = once(child, "close");
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (text) => resolve(/http\S+\//.exec(String(text))![0]));
    void ended.then(([code]) => reject(new Error(`csl serve ended with ${code}`)));
  });
  return {
    url,
    async memory() {
      const text = await (await fetch(`${url}metrics`)).text();
      return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)![1]);
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
