import { stat } from "node:fs/promises";
import { fetchWeights, findKnownWeights, type KnownWeights, type Weights } from "@csl/download";
import { CslError } from "@csl/internal/errors/csl-error";
import { type Context, stopped } from "../flags/command.js";
import { fetchStatus } from "../terminal/fetch-status.js";
import { formatBytes } from "../terminal/format.js";
import { isModelName, loadScenes, scenesBody } from "./scenes-package.js";

/** What `--model-path` names, as a file of this machine. */
export interface LocatedModel {
  path: string;
  /** As it was written. */
  name: string;
  /** Where a file came from that was fetched by its name. */
  fetched?: Weights;
  /** Of weights that a package of ours holds. */
  license?: string;
  /** Side of the images that weights with a known name were trained on; their file does not say it. */
  imageSize?: number;
}

export interface LocateOptions {
  /** The command, as errors begin: `csl train`. */
  speaker: string;
  offline: boolean;
  refresh?: boolean;
  retries?: number;
  /** The network that the weights must be of, by `--model-name`. */
  network?: string;
}

/**
 * The file that `--model-path` names: a path, or else weights by name (`tresnet_m.miil_in21k`, `hf:owner/name`, an
 * address), which are fetched into the cache unless they are there; `tresnet_tiny.scenes` is in @csl/scenes. A file of that name in the current folder goes first.
 *
 * @throws CslError `mismatch` for known weights of another network, before they are fetched.
 */
export async function locateModel(
  name: string,
  options: LocateOptions,
  context: Context,
): Promise<LocatedModel> {
  if (!isModelName(name) || (await stat(name).catch(() => undefined))) return { path: name, name };
  if (name === scenesBody) {
    const { pretrainedBody } = await loadScenes(options.speaker, `the weights ${name}`);
    return { path: pretrainedBody(), name, license: "MIT" };
  }
  const known = findKnownWeights(name);
  if (known) requireNetwork(known, options);
  const fetched = await fetchByName(name, options, context);
  return { path: fetched.path, name, fetched, ...(known && { imageSize: known.imageSize }) };
}

function requireNetwork({ name, model }: KnownWeights, { speaker, network }: LocateOptions): void {
  if (network === undefined || network === model) return;
  throw new CslError(
    "mismatch",
    `${speaker}: expected weights of ${network} (--model-name), got ${name}, which are of ${model}. Pass --model-name ${model}.`,
  );
}

/** Weights by name, with progress. */
export async function fetchByName(
  name: string,
  { speaker, offline, refresh = false, retries }: LocateOptions,
  { terminal, signal }: Context,
): Promise<Weights> {
  const show = fetchStatus(name, terminal);
  try {
    const weights = await fetchWeights(name, {
      ...{ speaker, refresh, signal, log: (line) => terminal.info(line) },
      // Left out, the environment decides.
      ...(offline && { offline }),
      ...(retries !== undefined && { retries }),
      onProgress: (done, total) => show({ done, total }),
    });
    terminal.endStatus();
    terminal.info(`${weights.cached ? "in the cache" : "fetched"}: ${describeWeights(weights)}`);
    return weights;
  } catch (error) {
    terminal.endStatus();
    if (!signal.aborted) throw error;
    throw stopped(`${speaker}: stopped while fetching ${name}. The same command continues.`);
  }
}

function describeWeights({ name, bytes, sha256, license, path }: Weights): string {
  const terms = license === undefined ? "license not stated" : `license ${license}`;
  return `${name}, ${formatBytes(bytes)}, SHA-256 ${sha256.slice(0, 12)}, ${terms}: ${path}`;
}
