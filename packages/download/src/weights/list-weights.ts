import { checkOptions } from "@csl/internal/errors/check-options";
import { type KnownWeights, knownWeights } from "./known-weights.js";
import { type CachedWeights, listCached } from "./weights-cache.js";
import { type WeightsSettings, weightsSettings } from "./weights-settings.js";

/** Weights that have a name here or are in the cache. */
export type ListedWeights = {
  name: string;
  /** What is known of them without their file. */
  known?: KnownWeights;
  /** Their file, where the cache has it. */
  cached?: CachedWeights;
};

/** The known weights, in their order, and what else the cache holds. No server is asked, and no file is read whole. */
export async function listWeights(options: Pick<WeightsSettings, "cache"> = {}): Promise<ListedWeights[]> {
  checkOptions("listWeights", options, { cache: true });
  const { cache } = weightsSettings(options, "listWeights");
  const inCache = new Map((await listCached(cache)).map((cached) => [cached.name, cached]));
  const named = knownWeights.map((known) => {
    const cached = inCache.get(known.name);
    inCache.delete(known.name);
    return { name: known.name, known, ...(cached && { cached }) };
  });
  return [...named, ...[...inCache].map(([name, cached]) => ({ name, cached }))];
}
