import { arch, cpus, release, totalmem, type } from "node:os";
import type { Engine } from "@csl/engine";
import { formatBytes } from "../terminal/format.js";
import { version } from "../version.js";

/** What a run computes on, as pairs of a word and a text for people. No name of the machine or of a person is in it. */
export function machineFacts(
  { name, device, version: of, backend }: Engine,
  ranks: number,
): [string, string][] {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "unknown";
  return [
    ["engine", `${name} ${of} (${backend}) on ${device}`],
    ...(ranks > 1 ? [["processes", String(ranks)] as [string, string]] : []),
    ["processor", `${model}, ${processors.length} ${processors.length === 1 ? "thread" : "threads"}`],
    ["memory", formatBytes(totalmem())],
    ["system", `${type()} ${release()} ${arch()}`],
    ["Node.js", process.version],
    ["csl", version()],
  ];
}
