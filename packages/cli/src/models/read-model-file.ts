import { open } from "node:fs/promises";
import { extname } from "node:path";
import { loadCheckpoint, readTorchFile, type StateDict } from "@csl/checkpoints";
import { CslError } from "@csl/internal/errors/csl-error";
import { ClassList } from "@csl/labels";
import { convertTimmStateDict, detectTResNet, type TResNetOptions } from "@csl/tresnet";
import type { ModelBody } from "./model-body.js";

/** What `--model-path` names: weights under the reference's keys, and what its file says about them. */
export interface ModelFile {
  state: StateDict;
  /** As our checkpoint says, or by keys and shapes. */
  model: Required<TResNetOptions>;
  /** By id, where the file knows them. */
  classes: ClassList | undefined;
  /** Names of the outputs where only those are known, e.g. in the zoo of ASL. */
  outputNames: readonly string[] | undefined;
  /** Side of the square that the model was trained on, where the file says it. */
  imageSize: number | undefined;
  /** Which weights of a file of PyTorch's were taken, for the terminal: "state_dict_ema". */
  part: string;
  /** What the model was started from itself, where a checkpoint of ours says it. */
  body: ModelBody | undefined;
  /** License of the weights, where a checkpoint says it. */
  license: string | undefined;
}

/**
 * Reads a safetensors file (a checkpoint of ours, timm's or any other of TResNet) or one of `torch.save`: .pth,
 * .pth.tar, .pt, .bin, by what is in it. timm's names become the reference's.
 *
 * @throws naming the file and the way out, when it is neither, damaged, or no TResNet.
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const { state, classes, config, part, ...known } = (await isSafetensors(path))
    ? await fromSafetensors(path)
    : await fromTorch(path);
  try {
    const converted = convertTimmStateDict(state);
    return { state: converted, model: config ?? detectTResNet(converted), classes, part, ...known };
  } catch (cause) {
    const { message } = cause as Error;
    throw new CslError("invalid-file", `csl: ${path}${part === "" ? "" : ` (${part})`}: ${message}`, {
      cause,
    });
  }
}

type Read = Omit<ModelFile, "model"> & { config?: Required<TResNetOptions> | undefined };

async function fromSafetensors(path: string): Promise<Read> {
  const { state, classes, config } = await loadCheckpoint(path, { stateOnly: true });
  const { model, imageSize, body, license } = (config ?? {}) as {
    model?: Required<TResNetOptions>;
    imageSize?: number;
    body?: ModelBody;
    license?: string;
  };
  const list = classes?.ids.map((id, i) => ({ id, name: classes.names?.[i] ?? id }));
  return {
    state,
    config: model,
    classes: list && ClassList.from(list),
    outputNames: undefined,
    imageSize,
    part: "",
    body,
    license: typeof license === "string" ? license : undefined,
  };
}

async function fromTorch(path: string): Promise<Read> {
  const { tensors, where, value } = await readTorchFile(path);
  const names = value instanceof Map ? outputNamesOf(value.get("idx_to_class")) : undefined;
  // The OpenImages zoo of the reference has MIDs there, ASL's has display names (some of them damaged).
  const ids = names?.every((name) => /^\/[mg]\//.test(name)) && new Set(names).size === names.length;
  return {
    state: tensors,
    classes: ids ? ClassList.from(names!.map((id) => ({ id, name: id }))) : undefined,
    outputNames: ids ? undefined : names,
    imageSize: undefined,
    part: where,
    body: undefined,
    license: undefined,
  };
}

/** `{0: "/m/0a", 1: …}` as a list; undefined when it is none or has gaps. */
function outputNamesOf(value: unknown): string[] | undefined {
  if (!(value instanceof Map) || value.size === 0) return undefined;
  const names = Array.from({ length: value.size }, (_, i) => value.get(i) ?? value.get(String(i)));
  return names.every((name) => typeof name === "string") ? (names as string[]) : undefined;
}

/** By its ending or by how it begins; a file that is not there is reported by the reader of safetensors. */
async function isSafetensors(path: string): Promise<boolean> {
  if (extname(path) === ".safetensors") return true;
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return true;
  try {
    const head = Buffer.alloc(9);
    // Eight bytes of length, of which no header needs more than four, and a JSON object.
    return (
      (await file.read(head, 0, 9, 0).catch(() => ({ bytesRead: 0 }))).bytesRead === 9 &&
      head.readUInt32LE(4) === 0 &&
      head[8] === 0x7b
    );
  } finally {
    await file.close();
  }
}
