import { open } from "node:fs/promises";
import { extname } from "node:path";
import {
  loadCheckpoint,
  type ModelDescription,
  readTorchFile,
  type StateDict,
  type UnreadTensor,
} from "@csl/checkpoints";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { ClassList } from "@csl/labels";
import {
  convertTimmStateDict,
  detectTResNet,
  detectTResNetBody,
  stateDictShapes,
  type TResNetArchitecture,
  unwrapStateDict,
} from "@csl/tresnet";
import type { ModelBody } from "./model-body.js";

/** What `--model-path` names: weights under the reference's keys, and what its file says about them. */
export interface ModelFile {
  path: string;
  /** The network's tensors; those of a head that is not ours are there as well. */
  state: StateDict;
  variant: TResNetArchitecture["variant"];
  /** As our checkpoint says, or by keys and shapes; undefined where the head is not one of ours. */
  model: TResNetArchitecture | undefined;
  /** What there is where there is no `model`: "another (…)", or "none: …". */
  otherHead: string;
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
  /** Thresholds, temperature and card, where `csl export` put them into a checkpoint. */
  description: ModelDescription | undefined;
  /** What was before each of the network's keys: "model.". */
  prefix: string;
  /** Keys outside of the network, and tensors that are not read. */
  beside: string[];
  unread: UnreadTensor[];
}

/**
 * Reads a safetensors file (a checkpoint of ours, timm's or any other of TResNet) or one of `torch.save`: .pth,
 * .pth.tar, .pt, .bin, .ckpt, by what is in it. timm's names become the reference's, and wrappers' prefixes go.
 *
 * @throws naming the file and the way out, when it is neither, damaged, or no TResNet.
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const read = (await isSafetensors(path)) ? await fromSafetensors(path) : await fromTorch(path);
  const { part, config } = read;
  try {
    const { state: bare, prefix, beside } = unwrapStateDict(read.state);
    const state = convertTimmStateDict(bare);
    const found = config ? { ...config, model: ownModel(config.model, state) } : detectModel(state);
    const { variant } = found.model ?? found;
    const { unread } = read;
    return {
      ...{ path, state, variant: variant!, model: found.model, otherHead: found.otherHead ?? "" },
      classes: read.classes && ClassList.from(read.classes),
      ...{ outputNames: read.outputNames, imageSize: config?.imageSize, part, prefix, beside, unread },
      ...{ body: read.body, license: read.license, description: read.description },
    };
  } catch (cause) {
    const { message } = cause as Error;
    const code = isCslError(cause, "mismatch") ? cause.code : "invalid-file";
    throw new CslError(code, `csl: ${path}${part === "" ? "" : ` (${part})`}: ${message}`, { cause });
  }
}

/** The parts of a file before its network is looked at. */
interface Read {
  state: StateDict;
  /** Of a checkpoint of ours. */
  config?: OwnConfig | undefined;
  classes?: { id: string; name: string }[] | undefined;
  outputNames?: string[] | undefined;
  part: string;
  unread: UnreadTensor[];
  body: ModelBody | undefined;
  license: string | undefined;
  description: ModelDescription | undefined;
}

/** What `csl train` writes into its checkpoints, as far as it is used. */
interface OwnConfig {
  model: TResNetArchitecture;
  imageSize?: number | undefined;
  otherHead?: string;
  variant?: undefined;
}

interface DetectedModel {
  variant: TResNetArchitecture["variant"];
  model: TResNetArchitecture | undefined;
  otherHead?: string;
  imageSize?: undefined;
}

function detectModel(state: StateDict): DetectedModel {
  const { variant } = detectTResNetBody(state);
  try {
    return { variant, model: detectTResNet(state) };
  } catch (cause) {
    const bodyAlone = ![...state.keys()].some((key) => key.startsWith("head."));
    const [why] = (cause as Error).message.split(". ");
    return {
      ...{ variant, model: undefined },
      otherHead: bodyAlone ? "none: it holds a body alone" : `another (${why})`,
    };
  }
}

/**
 * The options of a model, after a check that there is such a model, and that the file's tensors are of it: a number of
 * classes that somebody changed would take memory before it is noticed.
 */
function ownModel(
  { variant, numClasses, head, decoder }: TResNetArchitecture,
  state: StateDict,
): TResNetArchitecture {
  const model = { variant, numClasses, head, ...(decoder && { decoder }) };
  for (const [key, shape] of stateDictShapes(model)) {
    const got = state.get(key)?.shape;
    if (got && got.join() !== shape.join())
      throw new CslError(
        "invalid-file",
        `expected ${key} of [${shape}], as its configuration says, got [${got}]. Was the file changed?`,
      );
  }
  return model;
}

async function fromSafetensors(path: string): Promise<Read> {
  const {
    state,
    classes,
    config,
    description,
    unread = [],
  } = await loadCheckpoint(path, { stateOnly: true });
  const { body, license } = (config ?? {}) as { body?: ModelBody; license?: string };
  return {
    state,
    config: config === undefined ? undefined : ownConfig(path, config),
    classes: classes?.ids.map((id, i) => ({ id, name: classes.names?.[i] ?? id })),
    part: "",
    body,
    license: typeof license === "string" ? license : undefined,
    description,
    unread,
  };
}

/** The configuration of a training program other than `csl train` may say anything: the keys and shapes tell then. */
function ownConfig(path: string, config: unknown): OwnConfig | undefined {
  const { model, imageSize } = (config ?? {}) as { model?: unknown; imageSize?: unknown };
  if (imageSize !== undefined && !(Number.isSafeInteger(imageSize) && (imageSize as number) > 0))
    throw new CslError(
      "invalid-file",
      `csl: ${path}: expected "imageSize" in its configuration to be a whole number of at least 1, got ${JSON.stringify(imageSize).slice(0, 40)}. Was the file changed?`,
    );
  if (typeof model !== "object" || model === null) return undefined;
  return { model: model as TResNetArchitecture, imageSize: imageSize as number | undefined };
}

async function fromTorch(path: string): Promise<Read> {
  const { tensors, unread, where, value } = await readTorchFile(path);
  const names = value instanceof Map ? outputNamesOf(value.get("idx_to_class")) : undefined;
  // The OpenImages zoo of the reference has MIDs there, ASL's has display names (some of them damaged).
  const ids = names?.every((name) => /^\/[mg]\//.test(name)) && new Set(names).size === names.length;
  return {
    state: tensors,
    classes: ids ? names!.map((id) => ({ id, name: id })) : undefined,
    outputNames: ids ? undefined : names,
    part: where,
    body: undefined,
    license: undefined,
    description: undefined,
    unread,
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
