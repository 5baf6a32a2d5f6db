import { cpus } from "node:os";

/** The processor's name without its decorations, e.g. "AMD EPYC 9B14". */
export function cpuModel(): string {
  const model = cpus()[0]?.model ?? "CPU";
  return (
    model
      .replace(/\((R|TM)\)|CPU|Processor|@.*$/g, " ")
      .replace(/\s+/g, " ")
      .trim() || "CPU"
  );
}
