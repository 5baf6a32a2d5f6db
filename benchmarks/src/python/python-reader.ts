import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Cost } from "../images/image-contest.js";

/** benchmarks/python/dataloader.py, kept running: one line in, one pass over the images and its cost out. */
export type PythonReader = { versions: string; run(): Promise<Cost>; close(): Promise<void> };

/** Undefined, with a word on stderr, where the python lacks what the script needs. */
export async function startPythonReader(python: string, args: string[]): Promise<PythonReader | undefined> {
  const script = join(import.meta.dirname, "../../python/dataloader.py");
  const child = spawn(python, [script, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: "1" },
  });
  child.on("error", (error) => console.error(`${python}: ${error.message}`));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string | undefined> => (await lines.next()).value;
  const versions = await nextLine();
  if (versions === undefined) return undefined;
  return {
    versions,
    async run() {
      child.stdin.write("\n");
      const [wall, cpu] = ((await nextLine()) ?? "").split(" ").map(Number);
      if (wall === undefined || cpu === undefined) throw new Error(`${script}: it ended early`);
      return { wall, cpu };
    },
    async close() {
      child.stdin.end();
      await nextLine();
    },
  };
}
