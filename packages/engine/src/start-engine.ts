import "@tensorflow/tfjs"; // registers the gradients and the cpu backend
import { availableParallelism } from "node:os";
import * as tf from "@tensorflow/tfjs-core";
import type { EngineDriver } from "./engine-driver.js";
import { engineDrivers } from "./engine-drivers.js";
import { assertEngineName, type EngineName } from "./engine-name.js";
import { oneLine } from "./one-line.js";

export interface StartEngineOptions {
  /** The engine to take; without it the environment variable CSL_ENGINE decides, and without that the fastest that starts. */
  prefer?: EngineName;
  /** Threads for the engines that can be told. Default: the number of cores. */
  threads?: number;
  /** Hears one line for each engine that failed, and one for the engine taken. */
  log?: (line: string) => void;
  /** The engines to choose from; for tests. */
  drivers?: readonly EngineDriver[];
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
  /** Ends the engine's worker threads, if it has some. The process ends without it, too. */
  stop(): void;
}

/**
 * Starts the fastest TensorFlow.js backend of this machine, or the preferred one, and makes it current.
 * An engine that is absent or broken is passed over with its reason in one line; wasm and cpu are always there.
 *
 * @throws when the preferred engine's name is unknown, or when the preferred engine is absent or does not start:
 * who asks for an engine by name does not silently get another.
 */
export async function startEngine({
  prefer,
  threads = availableParallelism(),
  log,
  drivers = engineDrivers,
}: StartEngineOptions = {}): Promise<Engine> {
  const asked = prefer ?? process.env.CSL_ENGINE ?? "";
  if (asked !== "") assertEngineName(asked, prefer ? "startEngine" : "startEngine (CSL_ENGINE)");
  if (!Number.isInteger(threads) || threads < 1) {
    throw new Error(`startEngine: expected threads to be a positive integer, got ${threads}.`);
  }

  quietCpuBackend();
  const passed: string[] = [];
  let faster: string | undefined;
  for (const driver of drivers) {
    const probe = await driver.probe().catch((thrown: unknown) => ({
      available: false as const,
      detail: oneLine(thrown),
      hint: undefined,
    }));
    const wanted = asked === "" || driver.name === asked;
    let why = probe.detail;
    if (wanted && probe.available) {
      try {
        const started = await driver.start({ threads });
        const engine: Engine = {
          name: driver.name,
          backend: tf.getBackend(),
          device: started.device,
          version: started.version,
          reason: asked ? `asked for by ${prefer ? "name" : "CSL_ENGINE"}` : reasonOf(passed),
          ...(faster ? { faster } : {}),
          stop: started.stop ?? (() => {}),
        };
        log?.(describe(engine));
        return engine;
      } catch (thrown) {
        why = `does not start: ${oneLine(thrown)}`;
        log?.(`engine ${driver.name} ${why}`);
      }
    }
    if (wanted && asked !== "") {
      const way = probe.hint ? ` To get it: ${probe.hint}.` : " `listEngines()` tells what this machine has.";
      throw new Error(`startEngine: expected engine "${asked}" to start, but ${why}.${way}`);
    }
    if (!wanted && probe.available)
      faster = `${driver.name} is here and faster: ask for it, or for none by name`;
    else if (probe.hint) faster = `${driver.name}: ${probe.hint}`;
    passed.push(`${driver.name} (${why})`);
  }
  throw new Error(`startEngine: no engine starts: ${passed.join("; ")}.`);
}

/** The cpu backend prints an advertisement for tfjs-node at its first use; the engine's own message says it better. */
function quietCpuBackend(): void {
  const cpu = tf.engine().findBackend("cpu") as unknown as { firstUse: boolean } | null;
  if (cpu) cpu.firstUse = false;
}

function reasonOf(passed: readonly string[]): string {
  return passed.length === 0 ? "the fastest there is" : `the fastest here; not ${passed.join(", ")}`;
}

function describe({ name, device, version, reason, faster }: Engine): string {
  return [
    `engine ${name} on ${device} (${version}): ${reason}`,
    ...(faster ? [`for more speed: ${faster}`] : []),
  ].join("\n");
}
