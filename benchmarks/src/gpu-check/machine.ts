import { arch, cpus, totalmem } from "node:os";
import { runProgramSync } from "@csl/internal/processes/run-program";

/** What the machine is, for the report; "–" where it does not say. */
export function describeMachine(python: string): Record<string, string> {
  const first = (command: string, ...args: string[]): string =>
    runProgramSync(command, args, { timeout: 30_000 }).stdout.split("\n")[0]!.trim() || "–";
  const about = "import platform, torch; print(platform.python_version(), 'with torch', torch.__version__)";
  return {
    GPU: first("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"),
    Python: first(python, "-c", about),
    compiler: first(process.env.CXX ?? "g++", "--version"),
    Node: process.version,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? arch()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB of memory`,
  };
}
