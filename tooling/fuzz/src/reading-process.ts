// Started by run-fuzz.ts. Reads the inputs that it is told of, one after the other, and says what came of each.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCslError } from "@csl/internal/errors/csl-error";
import { makeInput } from "./make-input.js";
import type { Assignment, Message, Outcome } from "./messages.js";
import type { FuzzTarget } from "./target.js";

const mebibyte = 2 ** 20;
const { module, seed, ranges } = JSON.parse(process.argv[2]!) as Assignment;
const { targets } = (await import(module)) as { targets: readonly FuzzTarget[] };

const folder = mkdtempSync(join(tmpdir(), "csl-fuzz-"));
const at = (name: string): string => join(folder, name);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// A reader that never answers must be seen to hang: without anything to wait for, the process would end.
setInterval(() => {}, 1000);

/** Errors that nobody waited for belong to the input that is being read. */
let loose: unknown[] = [];
process.on("uncaughtException", (error) => loose.push(error));
process.on("unhandledRejection", (error) => loose.push(error));

const tell = (message: Message): Promise<void> =>
  new Promise((resolve) => process.send!(message, () => resolve()));

for (const { target: name, from, to } of ranges) {
  const target = targets.find((one) => one.name === name)!;
  const samples = await target.samples();
  for (let index = from; index < to; index++) {
    const input = makeInput(target, samples, { seed, index });
    await tell({ type: "begin", target: name, index });
    const outcome = await read(target, input, { whole: index < samples.length });
    await tell({ type: "end", target: name, index, outcome });
  }
}
process.exit(0);

async function read(target: FuzzTarget, input: Uint8Array, { whole }: { whole: boolean }): Promise<Outcome> {
  const before = process.memoryUsage.rss();
  const peakBefore = peak();
  const failures: unknown[] = [];
  try {
    await target.read(input, at);
  } catch (error) {
    failures.push(error);
  }
  failures.push(...loose);
  loose = [];
  const raw = failures.find((error) => whole || !isCslError(error));
  // The peak is that of the process's life: it says something of this input only when it rose.
  const grown = peak() > peakBefore ? (peak() - before) / mebibyte : 0;
  if (raw !== undefined) return { result: "raw", error: describe(raw), grown };
  return { result: failures.length > 0 ? "refused" : "read", grown };
}

/** Bytes. */
function peak(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
