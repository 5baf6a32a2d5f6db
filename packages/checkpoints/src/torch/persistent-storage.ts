import { dtypes } from "../dtypes.js";
import { PickleError } from "./pickle-error.js";
import { describe, isPythonObject, type PythonValue } from "./python-value.js";
import { storageDtypes, type TorchStorage } from "./torch-tensor.js";

/**
 * The storages that a pickle names by persistent ids: ("storage", class, key, device, count) and, in the older form,
 * a sixth entry (key, offset, count) for one that is a part of another. The same key gives the same storage.
 *
 * @throws for anything else, e.g. the source code in a pickled model of the older form.
 */
export function persistentStorages(storages: Map<string, TorchStorage>): (id: PythonValue) => TorchStorage {
  return (id) => {
    if (!Array.isArray(id)) throw new PickleError(`a persistent id that is ${describe(id)}`);
    const [kind, type, key, , count, view] = id;
    if (kind === "module") throw new PickleError("a pickled model", { problem: "model" });
    const class_ = isPythonObject(type) ? type.python : "";
    const name = /^torch\.(?:cuda\.)?(\w+)$/.exec(class_)?.[1] ?? "";
    const dtype = Object.hasOwn(storageDtypes, name) ? dtypes[storageDtypes[name]!] : undefined;
    if (kind !== "storage" || !(dtype || /Untyped/.test(class_)) || typeof key !== "string" || !isSize(count))
      throw new PickleError("a persistent id that is not a storage");
    const known = storages.get(key);
    const size = dtype?.size ?? 1;
    const whole: TorchStorage = { python: "torch.Storage", key, dtype, bytes: count * size, offset: 0 };
    if (known && (known.bytes !== whole.bytes || known.dtype !== dtype))
      throw new PickleError(`two storages with the key ${key.slice(0, 40)}`);
    if (!known) storages.set(key, whole);
    if (!Array.isArray(view)) return known ?? whole;
    const [, offset, length] = view;
    if (!isSize(offset) || !isSize(length) || offset + length > count)
      throw new PickleError("a part of a storage that reaches beyond it");
    return { ...whole, offset: offset * size, bytes: length * size };
  };
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
