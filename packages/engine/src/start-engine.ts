import "@tensorflow/tfjs"; // registers the gradients and the cpu backend
import { availableParallelism } from "node:os";
import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import {
  assertEngineName,
  type CaptureStep,
  canStore,
  type EngineDriver,
  type EngineName,
  type Precision,
  type Probe,
} from "./engine-driver.js";
import { quietCpuBackend } from "./engines/quiet-cpu-backend.js";
import { engineDrivers } from "./list-engines.js";
import { day } from "./order/format-measurement.js";
import type { Measurement } from "./order/measurement.js";
import { type EngineOrder, orderDrivers } from "./order/order-drivers.js";
import { rememberedMeasurements } from "./order/remembered.js";
import { oneLine, probeSafely } from "./probe-safely.js";

export interface StartEngineOptions {
  /** The engine to take; without it the environment variable CSL_ENGINE decides, and without that the fastest that starts. */
  prefer?: EngineName;
  /** Threads for the engines that have this setting. Default: the number of cores. */
  threads?: number;
  /** How activations are stored: "bf16" and "float16" ask for an engine that can (torch; webgpu); "auto" leaves it to the engine. Default "float32". */
  precision?: Precision;
  /**
   * How large the network is that will be trained: multiply-adds of a forward pass over the images of a step. By it the fastest
   * engine is chosen among those that are there. Default: not known.
   */
  work?: number;
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
  /** How it stores activations: "float32", "bf16" or "float16". */
  precision: string;
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
    ...{ prefer: true, threads: true, precision: true, work: true, log: true, advice: true, signal: true },
  });
  return startFirst(engineDrivers, options, await rememberedMeasurements());
}

/** The same among given engines, with what was measured of them. */
export async function startFirst(
  drivers: readonly EngineDriver[],
  options: StartEngineOptions = {},
  measurements: readonly Measurement[] = [],
): Promise<Engine> {
  const { prefer, threads = availableParallelism(), precision = "float32" } = options;
  const { work, log, advice = true, signal } = options;
  const asked = prefer ?? process.env.CSL_ENGINE ?? "";
  if (asked !== "") assertEngineName(asked, prefer ? "startEngine" : "startEngine (CSL_ENGINE)");
  if (!Number.isInteger(threads) || threads < 1) {
    throw new CslError(
      "invalid-argument",
      `startEngine: expected threads to be a positive integer, got ${threads}.`,
    );
  }

  if (work !== undefined) checkRange("startEngine", "work", work, { above: 0 });

  quietCpuBackend();
  const order = asked
    ? inGivenOrder(drivers)
    : await orderDrivers(drivers, { work, precision, threads }, measurements);
  const passed: Passed[] = [];
  let faster: string | undefined;
  for (const driver of order.drivers) {
    const probe = order.probes.get(driver.name) ?? (await probeSafely(driver));
    const wanted = asked === "" || driver.name === asked;
    let failure: string | undefined;
    if (wanted && (probe.available || (probe.byName && asked !== ""))) {
      try {
        requirePrecision(driver, precision);
        const {
          device,
          version,
          precision: stored = "float32",
          stop = () => {},
          captureStep,
        } = await driver.start({
          threads,
          precision,
          ...(log ? { log } : {}),
          ...(signal ? { signal } : {}),
        });
        const reason = asked
          ? `asked for by ${prefer ? "name" : "CSL_ENGINE"}`
          : (measuredReason(driver.name, order, passed) ?? reasonOf(passed));
        const backend = tf.getBackend();
        const identity = { name: driver.name, backend, device, version, precision: stored, reason };
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

function requirePrecision(driver: EngineDriver, precision: Precision): void {
  if (canStore(driver, precision)) return;
  const { name, reduced } = driver;
  const stored = reduced ? `stores activations in float32 or ${reduced}` : "computes in float32 only";
  throw new CslError("unsupported", `${name} ${stored}, and ${precision} was asked for`);
}

/** An engine that was skipped, and why if it was there. */
interface Passed {
  name: EngineName;
  failure: string | undefined;
}

function inGivenOrder(drivers: readonly EngineDriver[]): EngineOrder {
  return { drivers, probes: new Map() };
}

/** Where the engine has its place by a measurement. */
function measuredReason(
  name: EngineName,
  { measured }: EngineOrder,
  passed: readonly Passed[],
): string | undefined {
  if (!measured?.names.has(name)) return undefined;
  const { date, network } = measured.by;
  const broken = passed.filter(({ failure }) => failure).map((one) => `; ${one.name} ${one.failure}`);
  return `measured fastest here on ${day(date)} (${network}${broken.join("")})`;
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
