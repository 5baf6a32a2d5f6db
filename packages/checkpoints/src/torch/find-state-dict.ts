import { CslError } from "@csl/internal/errors/csl-error";
import { describe, type PythonValue } from "./python-value.js";
import { isTorchTensor, isUnreadTorchTensor, type TorchTensor } from "./torch-tensor.js";

/** Where training programs keep weights, averaged ones first: as timm and the reference's authors do. */
const KEYS = [
  "state_dict_ema",
  "model_ema",
  "ema_model",
  "params_ema",
  "swa_model",
  "swa_state_dict",
  "averaged_model",
  "ema_state_dict",
  "ema",
  "state_dict",
  "model_state_dict",
  "model_state",
  "model",
  "module",
];
/** Entries that hold tensors by name which are no weights: an optimizer's memory and the like. */
const NO_WEIGHTS = /optim|sched|scaler|loops|callbacks|state$/i;
/** A dictionary in a dictionary, as `{"model": {"state_dict": …}}`. */
const DEPTH = 3;
/** What wrappers put before every key: DataParallel, torch.compile, averaging. */
const PREFIXES = ["module.", "_orig_mod.", "model."];

/** The weights in a file, by their keys. */
export interface FoundStateDict {
  /** The path to them, e.g. "state_dict"; "" when they are the file's value itself. */
  where: string;
  tensors: Map<string, TorchTensor>;
  /** Tensors beside them of kinds that are not read, with what is special about each. */
  unread: Map<string, string>;
}

/**
 * The state-dict in what was saved: the value itself, or the first of the usual entries, averaged weights before raw
 * ones. A prefix that all keys share (`module.` and the like) is taken off.
 *
 * @throws when there are no tensors by name, with what there is.
 */
export function findStateDict(value: PythonValue): FoundStateDict {
  const found = find(value, []);
  if (found) return { ...found, tensors: withoutPrefix(found.tensors) };
  const entries = value instanceof Map ? [...value].slice(0, 5) : [];
  const keys = entries.map(
    ([key, entry]) =>
      describe(key) +
      (isUnreadTorchTensor(entry) ? ` (a tensor that is ${entry.kind}, which is not read)` : ""),
  );
  throw new CslError(
    "invalid-file",
    `expected a state-dict (itself, or under ${KEYS.slice(-5).join(", ")}), got ${describe(value)}` +
      (keys.length > 0 ? ` with ${keys.join(", ")}` : ""),
  );
}

function find(value: PythonValue | undefined, where: string[]): FoundStateDict | undefined {
  if (!(value instanceof Map) || where.length > DEPTH) return undefined;
  for (const key of KEYS) {
    const inner = find(value.get(key), [...where, key]);
    if (inner) return inner;
  }
  const tensors = new Map<string, TorchTensor>();
  const unread = new Map<string, string>();
  // A state-dict may hold more than tensors (get_extra_state); it has them under texts.
  for (const [key, entry] of value) {
    if (typeof key !== "string") continue;
    if (isTorchTensor(entry)) tensors.set(key, entry);
    if (isUnreadTorchTensor(entry)) unread.set(key, entry.kind);
  }
  return tensors.size > 0 ? { where: where.join("."), tensors, unread } : largestWithin(value, where);
}

/** Of entries with other names than the usual ones (`{"net": …}`), the one with the most tensors. */
function largestWithin(value: Map<PythonValue, PythonValue>, where: string[]): FoundStateDict | undefined {
  let largest: FoundStateDict | undefined;
  for (const [key, entry] of value) {
    if (typeof key !== "string" || KEYS.includes(key) || NO_WEIGHTS.test(key)) continue;
    const found = find(entry, [...where, key]);
    if (found && found.tensors.size > (largest?.tensors.size ?? 0)) largest = found;
  }
  return largest;
}

function withoutPrefix(tensors: Map<string, TorchTensor>): Map<string, TorchTensor> {
  const keys = [...tensors.keys()];
  const prefix = PREFIXES.find((start) => keys.every((key) => key.startsWith(start)));
  if (prefix === undefined) return tensors;
  return withoutPrefix(new Map([...tensors].map(([key, tensor]) => [key.slice(prefix.length), tensor])));
}
