import "@tensorflow/tfjs"; // registers the gradients and the cpu backend
import { availableParallelism } from "node:os";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import {
  assertEngineName,
  type CaptureStep,
  type EngineDriver,
  type EngineName,
  type Precision,
  type Probe,
} from "./engine-driver.js";
import { quietCpuBackend } from "./engines/quiet-cpu-backend.js";
import { engineDrivers, oneLine, probeSafely } from "./list-engines.js";

export interface StartEngineOptions {
  /** The engine to take; without it the environment variable CSL_ENGINE decides, and without that the fastest that starts. */
  prefer?: EngineName;
  /** Threads for the engines that have this setting. Default: the number of cores. */
  threads?: number;
  /** How activations are stored: "bf16" and "float16" ask for an engine that can (torch; webgpu); "auto" leaves it to the engine. Default "float32". */
  precision?: Precision;
  /** Called with one line for each engine that failed, and one for the engine taken. */
  log?: (line: string) => void;
  /** Whether the log says how to get the next faster engine. Default true. */
  advice?: boolean;
  /** Aborted: ends the start with its reason, also while an engine is compiled at its first use. */
  signal?: AbortSignal;
}

/** The running engine. Its backend is TensorFlow.js's current one. */
export interface Engine {
  name: EngineName;
  /** `tf.getBackend()`. */
  backend: string;
  device: string;
  version: string;
  /** Why this one was taken. */
  reason: string;
  /** How to get the next faster one; absent when this is the fastest. */
  faster?: string;
  /** Records a step of training and replays it as one launch (CUDA graphs); absent where the engine cannot. */
  captureStep?: CaptureStep;
  /** Ends the engine's worker threads, if it has some. The process ends without it, too. */
  stop(): void;
}

/**
 * Starts the fastest TensorFlow.js backend of this machine, or the preferred one, and makes it current.
 * An engine that is absent or broken is skipped with its reason in one line; wasm and cpu are always there.
 *
 * @throws CslError `invalid-argument` when the preferred engine's name is unknown; `unsupported` when it is absent or does
 * not start: an engine that is asked for by name is never replaced by another.
 */
export async function startEngine(options: StartEngineOptions = {}): Promise<Engine> {
  checkOptions("startEngine", options, {
    ...{ prefer: true, threads: true, precision: true, log: true, advice: true, signal: true },
  });
  return startFirst(engineDrivers, options);
}

/** The same among given engines. */
export async function startFirst(
  drivers: readonly EngineDriver[],
  options: StartEngineOptions = {},
): Promise<Engine> {
  const { prefer, threads = availableParallelism(), precision = "float32" } = options;
  const { log, advice = true, signal } = options;
  const asked = prefer ?? process.env.CSL_ENGINE ?? "";
  if (asked !== "") assertEngineName(asked, prefer ? "startEngine" : "startEngine (CSL_ENGINE)");
  if (!Number.isInteger(threads) || threads < 1) {
    throw new CslError(
      "invalid-argument",
      `startEngine: expected threads to be a positive integer, got ${threads}.`,
    );
  }

  quietCpuBackend();
  const passed: Passed[] = [];
  let faster: string | undefined;
  for (const driver of drivers) {
    const probe = await probeSafely(driver);
    const wanted = asked === "" || driver.name === asked;
    let failure: string | undefined;
    if (wanted && (probe.available || (probe.byName && asked !== ""))) {
      try {
        requirePrecision(driver, precision);
        const {
          device,
          version,
          stop = () => {},
          captureStep,
        } = await driver.start({
          threads,
          precision,
          ...(log ? { log } : {}),
          ...(signal ? { signal } : {}),
        });
        const reason = asked ? `asked for by ${prefer ? "name" : "CSL_ENGINE"}` : reasonOf(passed);
        const identity = { name: driver.name, backend: tf.getBackend(), device, version, reason };
        const optional = { ...(faster ? { faster } : {}), ...(captureStep ? { captureStep } : {}) };
        const engine: Engine = { ...identity, ...optional, stop };
        log?.(describe(engine, { advice }));
        return engine;
      } catch (thrown) {
        signal?.throwIfAborted();
        failure = `does not start: ${oneLine(thrown)}`;
        log?.(`engine ${driver.name} ${failure}`);
      }
    }
    if (wanted && asked !== "") {
      const way = probe.hint ? `To get it: ${probe.hint}.` : "`listEngines()` tells what this machine has.";
      throw new CslError(
        "unsupported",
        `startEngine: expected engine "${asked}" to start, but ${failure ?? probe.detail}. ${way}`,
      );
    }
    faster = wayToFaster(driver, probe, { wanted, before: faster }) ?? faster;
    passed.push({ name: driver.name, failure });
  }
  const failures = passed.map(({ name, failure }) => `${name} ${failure ?? "is absent"}`).join("; ");
  throw new CslError("unsupported", `startEngine: expected an engine to start, but ${failures}.`);
}

/** What to do for an engine that was skipped; one for large networks only does not hide the one before it. */
function wayToFaster(
  { name, largeOnly = false, unmeasured = false }: EngineDriver,
  { available, hint }: Probe,
  { wanted, before }: { wanted: boolean; before: string | undefined },
): string | undefined {
  if (unmeasured) return undefined;
  const way =
    !wanted && available ? `${name} is on this machine and faster` : hint ? `${name}: ${hint}` : undefined;
  if (way === undefined || !largeOnly) return way;
  return before ? `${before}; or, for large networks, ${way}` : `for large networks, ${way}`;
}

function requirePrecision({ name, reduced }: EngineDriver, precision: Precision): void {
  if (precision === "float32" || precision === "auto" || precision === reduced) return;
  const stored = reduced ? `stores activations in float32 or ${reduced}` : "computes in float32 only";
  throw new CslError("unsupported", `${name} ${stored}, and ${precision} was asked for`);
}

/** An engine that was skipped, and why if it was there. */
interface Passed {
  name: EngineName;
  failure: string | undefined;
}

function reasonOf(passed: readonly Passed[]): string {
  if (passed.length === 0) return "the fastest";
  const absent = passed.filter(({ failure }) => !failure).map(({ name }) => name);
  const broken = passed.filter(({ failure }) => failure).map(({ name, failure }) => `${name} ${failure}`);
  const list = absent.length > 0 ? [`without ${absent.join(", ")}`] : [];
  return `the fastest of this machine (${[...list, ...broken].join("; ")})`;
}

function describe(
  { name, device, version, reason, faster }: Engine,
  { advice }: { advice: boolean },
): string {
  const taken = `engine ${name} on ${device} (${version}): ${reason}`;
  return faster && advice ? `${taken}\nfor more speed: ${faster}` : taken;
}
