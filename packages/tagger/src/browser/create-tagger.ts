import { checkChoice } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { fetchBytes } from "../images/fetch-bytes.js";
import { onnxNetwork } from "../onnx/onnx-network.js";
import { isNetwork, type Network } from "../tagger/network.js";
import { checkTaggerOptions, type TaggerOptions } from "../tagger/options.js";
import { type Tagger, taggerOf } from "../tagger/tagger.js";
import { type BrowserImage, browserPixels } from "./browser-image.js";
import { loadRuntime, runtimes } from "./load-runtime.js";

/** An exported model: an address, its bytes; or a network of one's own. */
export type BrowserModel = string | URL | Blob | Uint8Array | ArrayBuffer | Network;

export interface BrowserTaggerOptions extends TaggerOptions {
  /** The folder of onnxruntime-web's .wasm files, where the bundler does not find them itself. */
  wasmPaths?: string;
}

/**
 * Opens a model that `csl export --format onnx` wrote, to tag images with. The caller disposes it.
 *
 * @param model an address, the bytes; or a network of one's own, which the tagger disposes
 * @throws CslError `network`; `invalid-file` when it is no exported model; `unsupported` when onnxruntime-web is not installed
 *   or cannot run it on `engine`.
 */
export async function createTagger(
  model: BrowserModel,
  options: BrowserTaggerOptions = {},
): Promise<Tagger<BrowserImage>> {
  checkTaggerOptions(options, { wasmPaths: true });
  const { engine = "wasm", threads, wasmPaths } = options;
  checkChoice("createTagger", "engine", engine, Object.keys(runtimes));
  if (isNetwork(model)) return taggerOf(model, browserPixels(options), options);
  // Both are fetched at the same time.
  const [[bytes, source], runtime] = await Promise.all([
    read(model),
    loadRuntime(engine as keyof typeof runtimes, { wasmPaths, threads }),
  ]);
  const network = await onnxNetwork(runtime, bytes, source, { engine });
  return taggerOf(network, browserPixels(options), options);
}

async function read(model: Exclude<BrowserModel, Network>): Promise<[bytes: Uint8Array, source: string]> {
  if (model instanceof Uint8Array) return [model, "the model"];
  if (model instanceof ArrayBuffer) return [new Uint8Array(model), "the model"];
  if (model instanceof Blob) return [new Uint8Array(await model.arrayBuffer()), "the model"];
  if (typeof model === "string" || model instanceof URL)
    return [await fetchBytes(model, "createTagger"), String(model)];
  throw new CslError(
    "invalid-argument",
    `createTagger: expected an address, bytes or a network, got ${model === null ? "null" : typeof model}.`,
  );
}
