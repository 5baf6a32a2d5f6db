import type { BrowserEngine, BrowserEngineName } from "@csl/engine/browser";
import type { Models } from "../models/load-models.js";
import { inTurn, startNamed } from "./compute.js";
import { buildNetwork, type Network } from "./network.js";

/** How many images go through a network at once. */
const batchSize = 16;

/** What the networks say about an image. */
export interface Answer {
  logits: ReadonlyMap<string, Float32Array>;
  features: Float32Array;
}

/** All models on one engine. */
export interface Networks {
  readonly engine: BrowserEngine;
  /** Milliseconds of the first model for one image, the last time that images were tagged. */
  readonly milliseconds: number | undefined;
  answer(images: readonly Uint8Array[]): Promise<Answer[]>;
  /** Goes to another engine. One that does not start leaves the page on the one before, and throws in words. */
  move(prefer: BrowserEngineName): Promise<void>;
}

/**
 * Starts an engine and puts the models on it.
 *
 * @param prefer the engine that was chosen earlier; where it no longer starts the first that does is taken
 */
export async function startNetworks(models: Models, prefer?: BrowserEngineName): Promise<Networks> {
  let engine = await inTurn(() => startNamed(prefer).catch(() => startNamed()));
  let networks = buildAll(models);
  let milliseconds: number | undefined;
  const answerBatch = async (images: readonly Uint8Array[]): Promise<Answer[]> => {
    const [first] = networks.values();
    const started = performance.now();
    const features = await first!.features(images);
    milliseconds = (performance.now() - started) / images.length;
    const logits = new Map<string, Float32Array[]>();
    for (const [id, network] of networks) logits.set(id, await network.logits(images));
    return images.map((_, i) => ({
      features: features[i]!,
      logits: new Map([...logits].map(([id, rows]) => [id, rows[i]!])),
    }));
  };
  return {
    get engine() {
      return engine;
    },
    get milliseconds() {
      return milliseconds;
    },
    answer: (images) =>
      inTurn(async () => {
        const answers: Answer[] = [];
        for (let start = 0; start < images.length; start += batchSize)
          answers.push(...(await answerBatch(images.slice(start, start + batchSize))));
        return answers;
      }),
    move: (name) =>
      inTurn(async () => {
        const before = engine;
        for (const network of networks.values()) network.dispose();
        try {
          engine = await startNamed(name);
          if (engine.name !== before.name) before.stop();
        } catch (error) {
          engine = await startNamed(before.name);
          throw error;
        } finally {
          networks = buildAll(models);
          milliseconds = undefined;
        }
      }),
  };
}

function buildAll({ models }: Models): Map<string, Network> {
  return new Map(models.map((model) => [model.id, buildNetwork(model)]));
}
