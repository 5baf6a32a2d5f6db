import { pathToFileURL } from "node:url";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { installCommand } from "@csl/internal/processes/install-command";
import * as tf from "@tensorflow/tfjs-core";
import type { CaptureStep, EngineDriver, Precision, Probe, Started } from "../engine-driver.js";
import { findOptionalPackage } from "./find-optional-package.js";

const packageName = "@csl/tfjs-backend-torch";
const install = installCommand(packageName, import.meta.url);
const torchHint = `${install}, and pip install torch (or, on Debian and Ubuntu, apt-get install g++ libtorch-dev)`;

export interface BuildTorchOptions {
  /** Called with one line for each step, and when another process that compiles is waited for. */
  log?: (line: string) => void;
  /** Ends the compiling with its reason. */
  signal?: AbortSignal;
}

/** What is used of @csl/tfjs-backend-torch; it registers the backend "torch". */
interface TorchBackend {
  probeTorch(options: { device: "cuda" | "cpu" }): Promise<Probe>;
  startTorch(options: {
    device: "cuda" | "cpu";
    threads: number;
    precision: Precision;
    log?: (line: string) => void;
    signal?: AbortSignal;
  }): Promise<{ device: string; version: string; precision: string; recordsSteps: boolean }>;
  captureStep: CaptureStep;
  buildTorch(options: BuildTorchOptions): Promise<{ path: string; version: string }>;
  joinProcessGroup(options: JoinOptions): Promise<ProcessGroup>;
}

/** libtorch through the optional peer @csl/tfjs-backend-torch. */
export function torchEngine(name: "torch-cuda" | "torch"): EngineDriver {
  const device = name === "torch-cuda" ? "cuda" : "cpu";
  const hint =
    device === "cuda" ? `${install} on a machine with an NVIDIA GPU and pip install torch` : torchHint;

  return {
    name,
    reduced: "bf16",
    async probe() {
      const found = findTorch();
      if ("missing" in found) return { available: false, detail: found.missing, hint: found.hint ?? hint };
      return (await load(found.entry)).probeTorch({ device });
    },
    async start({ threads, precision, log, signal }): Promise<Started> {
      const found = findTorch();
      if ("missing" in found) throw new CslError("unsupported", found.missing);
      const { startTorch, captureStep } = await load(found.entry);
      const { recordsSteps, ...started } = await startTorch({
        device,
        threads,
        precision,
        ...(log ? { log } : {}),
        ...(signal ? { signal } : {}),
      });
      if (!(await tf.setBackend("torch"))) throw new CslError("failed", "its backend did not start");
      const half = started.precision === "bf16" ? ", activations in bfloat16" : "";
      return { ...started, device: `${started.device}${half}`, ...(recordsSteps && { captureStep }) };
    },
  };
}

/**
 * Compiles the torch engine's binding against the libtorch of this machine, once.
 *
 * @throws CslError `unsupported` when @csl/tfjs-backend-torch, libtorch or a C++ compiler is missing, with the command that
 * installs it.
 */
export async function buildTorch(options: BuildTorchOptions = {}): Promise<{
  path: string;
  version: string;
}> {
  checkOptions("buildTorch", options, { log: true, signal: true });
  const found = findTorch();
  if ("missing" in found) {
    const { missing, hint = install } = found;
    throw new CslError("unsupported", `buildTorch: ${missing}. To get it: ${hint}.`);
  }
  return (await load(found.entry)).buildTorch(options);
}

/** Where processes meet that compute together, as `joinProcessGroup` of @csl/tfjs-backend-torch takes it. */
export interface JoinOptions {
  /** Of this process, from 0 on. */
  rank: number;
  /** Processes of the group. */
  size: number;
  /** A name or an address of rank 0's machine, and a free port there. */
  host: string;
  port: number;
  /** Whether this process opens that port. Default: rank 0 does. */
  serves?: boolean;
  /** Seconds that a rank waits for the others. Default 600. */
  timeout?: number;
  /** The network interface to listen on. Default: the one that leads to `host`. */
  interface?: string;
  /** Tells groups apart that meet at the same place one after the other. */
  name?: string;
  log?: (line: string) => void;
  signal?: AbortSignal;
}

/** Processes that compute together: all call the same functions in the same order. It fits `collectives` of @csl/trainer. */
export interface ProcessGroup {
  readonly rank: number;
  readonly size: number;
  /** Replaces numbers by their sum over the ranks: those of an array, or of a tensor while the torch engine is current. */
  allReduce(numbers: Float32Array | Float64Array | tf.Tensor): Promise<void>;
  /** The same with an array, done when it returns. */
  allReduceNow(numbers: Float32Array | Float64Array): void;
  /** Replaces numbers by those of rank 0. */
  broadcast(numbers: Float32Array | Float64Array | Uint8Array): Promise<void>;
  /** Each rank's bytes at rank 0; undefined elsewhere. */
  gather(bytes: Uint8Array): Promise<Uint8Array[] | undefined>;
  /** Returns when every rank has come here. */
  barrier(): Promise<void>;
  /** Ends it, when all ranks have come here. */
  close(): Promise<void>;
}

/**
 * Joins processes that compute together, by the libtorch of this machine, whichever engine each of them computes on.
 *
 * @throws CslError `unsupported` without @csl/tfjs-backend-torch or libtorch, with the command that installs it; `failed` when
 * not all ranks come in time.
 */
export async function joinProcesses(options: JoinOptions): Promise<ProcessGroup> {
  checkOptions("joinProcesses", options, {
    ...{ rank: true, size: true, host: true, port: true, serves: true, timeout: true },
    ...{ interface: true, name: true, log: true, signal: true },
  });
  const found = findTorch();
  if ("missing" in found)
    throw new CslError(
      "unsupported",
      `joinProcesses: several processes talk to each other by libtorch, but ${found.missing}. To get it: ${found.hint ?? torchHint}.`,
    );
  return (await load(found.entry)).joinProcessGroup(options);
}

/** The file to load, or why there is none. */
function findTorch(): { entry: string } | { missing: string; hint?: string } {
  const found = findOptionalPackage(packageName);
  if (!found) return { missing: `${packageName} is not installed` };
  try {
    return { entry: found.require.resolve(packageName) };
  } catch {
    // A clone of its repository has it from the install on.
    return { missing: `${packageName} is in ${found.folder}, but not built`, hint: "pnpm build, there" };
  }
}

function load(entry: string): Promise<TorchBackend> {
  return import(pathToFileURL(entry).href) as Promise<TorchBackend>;
}
