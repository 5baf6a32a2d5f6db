import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CslError } from "@csl/internal/errors/csl-error";
import { runProgram } from "@csl/internal/processes/run-program";
import type { EngineName, Precision } from "../engine-driver.js";

/** What a process is given that times one engine. */
export interface TimingTask {
  engine: EngineName;
  /** Address of the module that makes the step, and what that is given. */
  step: string;
  input: unknown;
  precision: Precision;
  threads: number;
  seconds: number;
}

/** What it prints. */
export interface TimingResult {
  milliseconds: number;
  device: string;
  version: string;
  precision: string;
}

// Written out with import.meta.url, so that bundlers see and copy the file.
const built = new URL("./time-engine-program.js", import.meta.url);
const fromSource = new URL("./time-engine-program.ts", import.meta.url);

/** A first use may compile the engine's binding. */
const LIMIT = 15 * 60_000;

/**
 * Times an engine in a process of its own: an engine cannot be unloaded, and one that is broken may end its process.
 *
 * @throws CslError `failed`, with why the process ended, in a sentence
 */
export async function timeEngine(
  task: TimingTask,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<TimingResult> {
  const words = existsSync(fileURLToPath(built))
    ? [fileURLToPath(built)]
    : ["--conditions=@csl/source", "--import", tsx(), fileURLToPath(fromSource)];
  // The program runs in the root folder, where a relative name means another one.
  const { CSL_ENGINE: _, CSL_ENGINE_MODULES: modules, ...env } = process.env;
  const result = await runProgram(process.execPath, [...words, JSON.stringify(task)], {
    env: { ...env, ...(modules && { CSL_ENGINE_MODULES: resolve(modules) }) },
    timeout: LIMIT,
    signal,
  });
  signal?.throwIfAborted();
  const last = result.stdout.trimEnd().split("\n").at(-1) ?? "";
  if (result.code === 0) return JSON.parse(last) as TimingResult;
  throw new CslError("failed", whyItEnded(result));
}

function whyItEnded({ code, signal, reason, stderr }: Awaited<ReturnType<typeof runProgram>>): string {
  if (signal) return `its process was ended by ${signal}`;
  const error = stderr.split("\n").find((line) => /Error: /.test(line));
  return error?.replace(/^.*?Error: /, "").trim() ?? reason ?? `its process ended with code ${code}`;
}

function tsx(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
}
