import { readFile } from "node:fs/promises";
import { CslError } from "@csl/internal/errors/csl-error";
import { readError } from "@csl/internal/errors/read-error";
import { fetchBytes } from "../images/fetch-bytes.js";
import { onnxNetwork } from "../onnx/onnx-network.js";
import { isNetwork, type Network } from "../tagger/network.js";
import { checkTaggerOptions, type TaggerOptions } from "../tagger/options.js";
import { type Tagger, taggerOf } from "../tagger/tagger.js";
import { loadRuntime } from "./load-runtime.js";
import { type NodeImage, nodePixels } from "./node-image.js";

/** An exported model: a path or an address, its bytes; or a network of one's own. */
export type NodeModel = string | URL | Uint8Array | ArrayBuffer | Network;

/**
 * Opens a model that `csl export --format onnx` wrote, to tag images with. The caller disposes it.
 *
 * @param model a path, an http(s) or file address, the bytes; or a network of one's own, which the tagger disposes
 * @throws CslError `not-found`, `cannot-read`, `network`; `invalid-file` when it is no exported model; `unsupported` when
 *   onnxruntime-node is not installed or cannot run it on `engine`.
 */
export async function createTagger(
  model: NodeModel,
  options: TaggerOptions = {},
): Promise<Tagger<NodeImage>> {
  checkTaggerOptions(options);
  const { engine = "cpu", threads } = options;
  const network = isNetwork(model) ? model : await open(model, { engine, threads });
  return taggerOf(network, nodePixels(options), options);
}

async function open(
  model: string | URL | Uint8Array | ArrayBuffer,
  options: { engine: string; threads: number | undefined },
): Promise<Network> {
  const [bytes, source] = await read(model);
  return onnxNetwork(await loadRuntime(), bytes, source, options);
}

async function read(model: Exclude<NodeModel, Network>): Promise<[bytes: Uint8Array, source: string]> {
  if (model instanceof Uint8Array) return [model, "the model"];
  if (model instanceof ArrayBuffer) return [new Uint8Array(model), "the model"];
  if (typeof model !== "string" && !(model instanceof URL))
    throw new CslError(
      "invalid-argument",
      `createTagger: expected a path, an address, bytes or a network, got ${model === null ? "null" : typeof model}.`,
    );
  const source = String(model);
  if (/^https?:/i.test(source)) return [await fetchBytes(source, "createTagger"), source];
  const path = /^file:/i.test(source) ? new URL(source) : source;
  return [
    await readFile(path).catch((cause: unknown) => {
      throw readError("createTagger", source, cause, "a model");
    }),
    source,
  ];
}
