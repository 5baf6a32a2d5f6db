import { readFile } from "node:fs/promises";
import { readSafetensors, type SafeTensor, writeSafetensors } from "@csl/checkpoints";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { AdamState } from "./adam.js";
import type { StateDict } from "./model.js";
import type { Progress } from "./progress.js";
import type { Classes } from "./task.js";

/** What only a `last` checkpoint holds: enough to go on as if nothing had happened. */
export interface TrainingState {
  progress: Progress;
  adam: AdamState;
  emaUpdates: number;
  /** Must be equal on resume: the schedule is laid out for it. */
  settings: Record<string, unknown>;
}

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
}

const format = "csl-checkpoint/1";
const prefixes = { ema: "ema.", moment1: "adam.moment1.", moment2: "adam.moment2." } as const;

/**
 * Writes one safetensors file that Python's safetensors reads as well: `state` under its own keys, the rest under
 * "ema.", "adam.moment1." and "adam.moment2.", everything else as JSON strings in the metadata. The path holds
 * the old file or the whole new one at any moment, also when the power fails.
 *
 * @throws when a weight is not finite: a broken model must not replace a good checkpoint; when the file cannot be
 * written, naming it and the reason.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { state, ema, weights = "raw", classes, config, training } = checkpoint;
  const tensors = new Map<string, SafeTensor>();
  const addState = (dict: StateDict, prefix: string): void => {
    for (const [key, { shape, data }] of dict) {
      requireFinite(key, data, path);
      const dtype = key.endsWith(".num_batches_tracked") ? "I64" : "F32"; // int64 in PyTorch
      tensors.set(prefix + key, { shape, data, dtype });
    }
  };
  const addMoments = (moments: ReadonlyMap<string, Float32Array>, prefix: string): void => {
    for (const [key, data] of moments) tensors.set(prefix + key, { shape: [data.length], data });
  };
  addState(state, "");
  if (ema) addState(ema, prefixes.ema);
  if (training) {
    addMoments(training.adam.moment1, prefixes.moment1);
    addMoments(training.adam.moment2, prefixes.moment2);
  }
  const metadata: Record<string, string> = { format: "pt", csl: format, weights };
  if (classes) {
    const { ids, names } = classes;
    metadata.classes = JSON.stringify({ ids, ...(names && { names }) });
  }
  if (config !== undefined) metadata.config = JSON.stringify(config);
  if (training) {
    const { progress, adam, emaUpdates, settings } = training;
    metadata.training = JSON.stringify({ progress, adamStep: adam.step, emaUpdates, settings });
  }
  await writeFileAtomically(path, (file) => writeSafetensors(file, tensors, metadata), "saveCheckpoint");
}

/**
 * Reads what `saveCheckpoint` wrote, or any safetensors file of a model (then only `state` is there).
 *
 * @param options.classes refuse the file unless it was trained for exactly these classes in this order.
 * @throws for a file that is missing, cut off, of another format or for other classes.
 */
export async function loadCheckpoint(
  path: string,
  { classes: wanted }: { classes?: Classes } = {},
): Promise<Checkpoint> {
  const { tensors, metadata } = await readFile(path)
    .then(readSafetensors)
    .catch((cause: Error) => {
      throw new Error(
        `loadCheckpoint: cannot read ${path}: ${cause.message.replace(/\.?$/, ".")} Give a .safetensors file written by the trainer.`,
        { cause },
      );
    });
  const parsed = <T>(key: string): T | undefined => {
    const text = metadata[key];
    return text === undefined ? undefined : (JSON.parse(text) as T);
  };
  if (metadata.csl !== undefined && metadata.csl !== format)
    throw new Error(
      `loadCheckpoint: expected format ${format} in ${path}, got ${metadata.csl}. Was it written by a newer version?`,
    );
  const classes = parsed<Classes>("classes");
  if (wanted) requireSameClasses(path, classes, wanted);
  const parts = splitByPrefix(tensors);
  const training = parsed<Omit<TrainingState, "adam"> & { adamStep: number }>("training");
  return {
    state: parts.state,
    ...(parts.ema.size > 0 && { ema: parts.ema }),
    ...(metadata.weights && { weights: metadata.weights as "raw" | "ema" }),
    ...(classes && { classes }),
    ...(metadata.config !== undefined && { config: parsed("config") }),
    ...(training && {
      training: {
        progress: training.progress,
        emaUpdates: training.emaUpdates,
        settings: training.settings,
        adam: {
          step: training.adamStep,
          moment1: dataOf(parts.moment1),
          moment2: dataOf(parts.moment2),
        },
      },
    }),
  };
}

/** Tells the classes that differ: the first few ids of both sides. */
function requireSameClasses(path: string, found: Classes | undefined, wanted: Classes): void {
  if (!found)
    throw new Error(
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
  throw new Error(
    `loadCheckpoint: expected the ${wanted.ids.length} classes of the data, got ${found.ids.length} in ${path}; ` +
      `${differing.length} positions differ, first: expected ${show(wanted.ids)}, got ${show(found.ids)}. ` +
      "Use the class list that the checkpoint was trained with.",
  );
}

function requireFinite(key: string, data: Float32Array, path: string): void {
  const at = data.findIndex((x) => !Number.isFinite(x));
  if (at >= 0)
    throw new Error(
      `saveCheckpoint: expected finite weights, got ${data[at]} in "${key}". ${path} was left as it was; lower the learning rate.`,
    );
}

function splitByPrefix(tensors: StateDict): Record<"state" | keyof typeof prefixes, StateDict> {
  const parts = {
    state: new Map(),
    ema: new Map(),
    moment1: new Map(),
    moment2: new Map(),
  } as Record<"state" | keyof typeof prefixes, StateDict>;
  for (const [name, tensor] of tensors) {
    const found = Object.entries(prefixes).find(([, prefix]) => name.startsWith(prefix));
    if (found) parts[found[0] as keyof typeof prefixes].set(name.slice(found[1].length), tensor);
    else parts.state.set(name, tensor);
  }
  return parts;
}

function dataOf(dict: StateDict): Map<string, Float32Array> {
  return new Map([...dict].map(([key, { data }]) => [key, data]));
}
