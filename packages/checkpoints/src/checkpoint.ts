import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { firstNonFinite } from "@csl/internal/tensors/first-non-finite";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import { parseOwnMetadata } from "./parse-own-metadata.js";
import { readTensors, type SafeTensor, writeTensors } from "./safetensors.js";
import type { UnreadTensor } from "./safetensors-layout.js";
import type { Best, Classes, TrainingState } from "./training-state.js";

export interface Checkpoint {
  /** Model weights and statistics under PyTorch's state-dict keys and in its layout. */
  state: StateDict;
  /** The moving average of the same tensors. */
  ema?: StateDict;
  /** Which weights `state` holds. */
  weights?: "raw" | "ema";
  classes?: Classes;
  config?: unknown;
  training?: TrainingState;
  /** Of a `best` checkpoint: the validation that it won. */
  best?: Best;
}

/** What `loadCheckpoint` found. */
export interface LoadedCheckpoint extends Checkpoint {
  /** Tensors of dtypes that are not read, where the file has any. */
  unread?: UnreadTensor[];
}

const format = "csl-checkpoint/1";
const prefixes = { ema: "ema.", moment1: "adam.moment1.", moment2: "adam.moment2.", loss: "loss." } as const;

/**
 * Writes one safetensors file that Python's safetensors reads as well: `state` under its own keys, the rest under
 * "ema.", "adam.moment1.", "adam.moment2." and "loss.", everything else as JSON strings in the metadata. The path holds
 * the old file or the whole new one at any moment, also when the power fails.
 *
 * @throws CslError `not-finite` for a weight that is not finite: a broken model must not replace a good checkpoint;
 * `cannot-write` naming the file and the reason.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  checkOptions("saveCheckpoint", checkpoint, {
    state: true,
    ema: true,
    weights: true,
    classes: true,
    config: true,
    training: true,
    best: true,
  });
  const { state, ema, weights = "raw", classes, config, training, best } = checkpoint;
  const tensors = new Map<string, SafeTensor>();
  const addState = (dict: StateDict, prefix: string): void => {
    for (const [key, { shape, data }] of dict) {
      requireFinite(key, data, path);
      const dtype = key.endsWith(".num_batches_tracked") ? "I64" : "F32"; // int64 in PyTorch
      tensors.set(prefix + key, { shape, data, dtype });
    }
  };
  const addMoments = (moments: ReadonlyMap<string, Float32Array>, prefix: string): void => {
    for (const [key, data] of moments) {
      requireFinite(prefix + key, data, path);
      tensors.set(prefix + key, { shape: [data.length], data });
    }
  };
  addState(state, "");
  if (ema) addState(ema, prefixes.ema);
  if (training) {
    addMoments(training.adam.moment1, prefixes.moment1);
    addMoments(training.adam.moment2, prefixes.moment2);
    if (training.loss) addState(training.loss, prefixes.loss);
  }
  const metadata: Record<string, string> = { format: "pt", csl: format, weights };
  if (classes) {
    const { ids, names } = classes;
    metadata.classes = JSON.stringify({ ids, ...(names && { names }) });
  }
  if (best) metadata.best = JSON.stringify(best);
  if (config !== undefined) metadata.config = JSON.stringify(config);
  if (training) {
    const { progress, adam, emaUpdates, settings, changes } = training;
    const { step: adamStep, skipped: adamSkipped } = adam;
    metadata.training = JSON.stringify({ progress, adamStep, adamSkipped, emaUpdates, settings, changes });
  }
  await writeTensors("saveCheckpoint", path, tensors, metadata);
}

/**
 * Reads what `saveCheckpoint` wrote, or any safetensors file of a model (then only `state` is there).
 *
 * @param options.classes refuse the file unless it was trained for exactly these classes in this order.
 * @param options.stateOnly read the model's weights, classes and configuration alone: a `last` checkpoint is four times
 * as large.
 * @throws CslError `not-found`, `cannot-read`; `invalid-file` for a file that is cut off or of another format;
 * `mismatch` for one of other classes.
 */
export async function loadCheckpoint(
  path: string,
  options: { classes?: Classes; stateOnly?: boolean } = {},
): Promise<LoadedCheckpoint> {
  checkOptions("loadCheckpoint", options, { classes: true, stateOnly: true });
  const { stateOnly = false } = options;
  const { tensors, unread, metadata } = await readTensors("loadCheckpoint", path, {
    wanted: (name, { csl }) => !stateOnly || csl === undefined || prefixOf(name) === undefined,
  });
  // Other programs' metadata mean something else under the same names.
  if (metadata.csl === undefined) {
    if (options.classes) requireSameClasses(path, undefined, options.classes);
    return { state: tensors, ...(unread.length > 0 && { unread }) };
  }
  if (metadata.csl !== format)
    throw new CslError(
      "invalid-file",
      `loadCheckpoint: expected format ${format} in ${path}, got ${metadata.csl.slice(0, 40)}. Was it written by a newer version?`,
    );
  const { classes, config, weights, training, best } = parseOwnMetadata(path, metadata, { stateOnly });
  if (options.classes) requireSameClasses(path, classes, options.classes);
  const parts = splitByPrefix(tensors);
  return {
    state: parts.state,
    ...(parts.ema.size > 0 && { ema: parts.ema }),
    ...(weights && { weights }),
    ...(classes && { classes }),
    ...(config !== undefined && { config }),
    ...(best && { best }),
    ...(training && {
      training: {
        progress: training.progress,
        emaUpdates: training.emaUpdates,
        settings: training.settings,
        ...(training.changes && { changes: training.changes }),
        ...(parts.loss.size > 0 && { loss: parts.loss }),
        adam: {
          step: training.adamStep,
          ...(training.adamSkipped && { skipped: training.adamSkipped }),
          moment1: toArrays(parts.moment1),
          moment2: toArrays(parts.moment2),
        },
      },
    }),
    ...(unread.length > 0 && { unread }),
  };
}

/** Reports the classes that differ: the first few ids of both sides. */
function requireSameClasses(path: string, found: Classes | undefined, wanted: Classes): void {
  if (!found)
    throw new CslError(
      "mismatch",
      `loadCheckpoint: expected a checkpoint with its classes, got ${path} without any. Load its weights into a new run instead.`,
    );
  const length = Math.max(found.ids.length, wanted.ids.length);
  const differing = Array.from({ length }, (_, i) => i).filter((i) => found.ids[i] !== wanted.ids[i]);
  if (differing.length === 0) return;
  const show = (ids: readonly string[]): string =>
    differing
      .slice(0, 3)
      .map((i) => ids[i] ?? "none")
      .join(", ");
  throw new CslError(
    "mismatch",
    `loadCheckpoint: expected the ${wanted.ids.length} classes of the data, got ${found.ids.length} in ${path}; ` +
      `${differing.length} positions differ, first: expected ${show(wanted.ids)}, got ${show(found.ids)}. ` +
      "Use the class list that the checkpoint was trained with.",
  );
}

function requireFinite(key: string, data: Float32Array, path: string): void {
  const found = firstNonFinite(data);
  if (found)
    throw new CslError(
      "not-finite",
      `saveCheckpoint: expected finite weights, got ${found.value} in "${key}". ${path} was left as it was; lower the learning rate.`,
    );
}

function splitByPrefix(tensors: StateDict): Record<"state" | keyof typeof prefixes, StateDict> {
  const parts: Record<"state" | keyof typeof prefixes, StateDict> = {
    state: new Map(),
    ema: new Map(),
    moment1: new Map(),
    moment2: new Map(),
    loss: new Map(),
  };
  for (const [name, tensor] of tensors) {
    const part = prefixOf(name);
    if (part) parts[part].set(name.slice(prefixes[part].length), tensor);
    else parts.state.set(name, tensor);
  }
  return parts;
}

/** Which part beside the model's own weights a tensor belongs to. */
function prefixOf(name: string): keyof typeof prefixes | undefined {
  return (Object.keys(prefixes) as (keyof typeof prefixes)[]).find((part) => name.startsWith(prefixes[part]));
}

function toArrays(dict: StateDict): Map<string, Float32Array> {
  return new Map([...dict].map(([key, { data }]) => [key, data]));
}
