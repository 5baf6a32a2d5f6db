import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import {
  type ModelDescription,
  parseModelDescription,
  safetensorsDescriptionKey,
} from "@csl/internal/model-description/model-description";
import { firstNonFinite } from "@csl/internal/tensors/first-non-finite";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import { parseOwnMetadata } from "./parse-own-metadata.js";
import type { SafeTensor, Safetensors } from "./safetensors-bytes.js";
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
  /** Of an exported model: what it says about itself, as ONNX files of `csl export` have it. */
  description?: ModelDescription;
}

/** What `loadCheckpoint` found. */
export interface LoadedCheckpoint extends Checkpoint {
  /** Tensors of dtypes that are not read, where the file has any. */
  unread?: UnreadTensor[];
}

const format = "csl-checkpoint/1";
const prefixes = { ema: "ema.", moment1: "adam.moment1.", moment2: "adam.moment2.", loss: "loss." } as const;

/**
 * A checkpoint as the tensors and texts of a safetensors file.
 *
 * @param speaker the function that errors begin with.
 * @param kept what became of the file that would have been replaced, a sentence.
 */
export function checkpointTensors(
  speaker: string,
  checkpoint: Checkpoint,
  kept: string,
): { tensors: Map<string, SafeTensor>; metadata: Record<string, string> } {
  checkOptions(speaker, checkpoint, {
    state: true,
    ema: true,
    weights: true,
    classes: true,
    config: true,
    training: true,
    best: true,
    description: true,
  });
  const { state, ema, weights = "raw", classes, config, training, best, description } = checkpoint;
  const tensors = new Map<string, SafeTensor>();
  const requireFinite = (key: string, data: Float32Array): void => {
    const found = firstNonFinite(data);
    if (found)
      throw new CslError(
        "not-finite",
        `${speaker}: expected finite weights, got ${found.value} in "${key}". ${kept} Lower the learning rate.`,
      );
  };
  const addState = (dict: StateDict, prefix: string): void => {
    for (const [key, { shape, data }] of dict) {
      requireFinite(key, data);
      const dtype = key.endsWith(".num_batches_tracked") ? "I64" : "F32"; // int64 in PyTorch
      tensors.set(prefix + key, { shape, data, dtype });
    }
  };
  const addMoments = (moments: ReadonlyMap<string, Float32Array>, prefix: string): void => {
    for (const [key, data] of moments) {
      requireFinite(prefix + key, data);
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
  const metadata: Record<string, string> = { format: "pt", csl: format };
  // First of all, so that the beginning of a file tells an exported model from a checkpoint of a training.
  if (description) metadata[safetensorsDescriptionKey] = JSON.stringify(description);
  metadata.weights = weights;
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
  return { tensors, metadata };
}

/** Whether a tensor of a file is one of the model's own, and not an average or an optimizer's memory. */
export function isOfState(name: string, { csl }: Safetensors["metadata"]): boolean {
  return csl === undefined || prefixOf(name) === undefined;
}

/**
 * The checkpoint that a safetensors file holds; of another program's file only `state`.
 *
 * @param speaker the function that errors begin with. @param path the file, as they name it.
 */
export function checkpointOf(
  speaker: string,
  path: string,
  { tensors, unread, metadata }: Safetensors,
  options: { classes?: Classes; stateOnly: boolean },
): LoadedCheckpoint {
  // Other programs' metadata mean something else under the same names.
  if (metadata.csl === undefined) {
    if (options.classes) requireSameClasses(speaker, path, undefined, options.classes);
    return { state: tensors, ...(unread.length > 0 && { unread }) };
  }
  if (metadata.csl !== format)
    throw new CslError(
      "invalid-file",
      `${speaker}: expected format ${format} in ${path}, got ${metadata.csl.slice(0, 40)}. Was it written by a newer version?`,
    );
  const { classes, config, weights, training, best } = parseOwnMetadata(speaker, path, metadata, options);
  if (options.classes) requireSameClasses(speaker, path, classes, options.classes);
  const parts = splitByPrefix(tensors);
  const described = metadata[safetensorsDescriptionKey];
  return {
    state: parts.state,
    ...(parts.ema.size > 0 && { ema: parts.ema }),
    ...(weights && { weights }),
    ...(classes && { classes }),
    ...(config !== undefined && { config }),
    ...(best && { best }),
    ...(described !== undefined && { description: parseModelDescription(described, path) }),
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
function requireSameClasses(
  speaker: string,
  path: string,
  found: Classes | undefined,
  wanted: Classes,
): void {
  if (!found)
    throw new CslError(
      "mismatch",
      `${speaker}: expected a checkpoint with its classes, got ${path} without any. Load its weights into a new run instead.`,
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
    `${speaker}: expected the ${wanted.ids.length} classes of the data, got ${found.ids.length} in ${path}; ` +
      `${differing.length} positions differ, first: expected ${show(wanted.ids)}, got ${show(found.ids)}. ` +
      "Use the class list that the checkpoint was trained with.",
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
