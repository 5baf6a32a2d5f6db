import * as tf from "@tensorflow/tfjs-core";
import type { Handle } from "./binding.js";
import type { TorchBackend } from "./torch-backend.js";

/** The variables of a recording, which lie in its memory while it lives. */
export interface GraphVariables {
  /** Runs `body`, which is recorded, on that memory, and lets it leave there what it assigns. */
  recorded<T>(body: () => T): T;
  /** Runs `replay` on the variables' present numbers; they have the new ones then. */
  replayed(replay: () => void): void;
  /** Their memory is theirs from now on. */
  dispose(): void;
}

/** What a variable holds that lies in the graph's memory. */
interface Lent {
  dataId: tf.DataId;
  /** Sees whether others share its storage (binding/lent-memory.cc). */
  observer: Handle;
}

/**
 * A graph reads and writes the same addresses at every replay, where TensorFlow.js gives a variable a new tensor with every
 * assignment. So the memory is lent: each variable has it as a tensor of its own, a new one after every replay, and
 * whatever else shares that tensor is moved to other memory before the next.
 */
export function graphVariables(backend: TorchBackend, variables: readonly tf.Variable[]): GraphVariables {
  const { binding } = backend;
  const shapes = variables.map((variable) => [...backend.numericOf(variable).shape]);
  const memory = backend.callFused(
    "copies",
    variables.map((variable) => backend.handleOf(variable)),
    [],
  );
  const lent = new Map<number, Lent>();
  /** By place, of the variables that the step assigns. */
  let assigned: number[] = [];

  function lend(places: readonly number[]): void {
    const handles = backend.callFused(
      "lend",
      places.map((i) => memory[i]!),
      [],
    );
    for (const [k, i] of places.entries()) {
      const variable = variables[i]!;
      const { shape, dtype } = variable;
      const { dataId } = backend.adopt(handles[k]!, shapes[i]!, dtype);
      const tensor = tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype });
      variable.assign(tensor);
      tensor.dispose();
      forget(i);
      lent.set(i, { dataId, observer: handles[places.length + k]! });
    }
  }
  function forget(i: number): void {
    const known = lent.get(i);
    if (known) binding.free(known.observer);
    lent.delete(i);
  }
  const holdsLent = (i: number): boolean => variables[i]!.dataId === lent.get(i)?.dataId;

  /** Others have their numbers elsewhere, and the memory has the variables'. Gives the places of those that were assigned meanwhile. */
  function reclaim(): number[] {
    // The observer is one owner, the variable's tensor another, if the variable alone has it.
    const owners = [...lent].map(([i, { dataId }]) =>
      holdsLent(i) && backend.refCount(dataId) === 1 ? 2 : 1,
    );
    backend.callFused(
      "reclaim",
      [...lent.values()].map(({ observer }) => observer),
      owners,
    );
    const strange = [...variables.keys()].filter((i) => !holdsLent(i));
    const handles = strange.map((i) => backend.handleOf(variables[i]!));
    backend.callFused("copyInto", [...strange.map((i) => memory[i]!), ...handles], []);
    return strange;
  }

  return {
    recorded(body) {
      const places = [...variables.keys()];
      lend(places);
      try {
        const result = body();
        assigned = places.filter((i) => !holdsLent(i));
        const handles = assigned.map((i) => backend.handleOf(variables[i]!));
        backend.callFused("settle", [...assigned.map((i) => memory[i]!), ...handles], []);
        return result;
      } finally {
        // What the graph knows of these stays as it is.
        for (const i of places) forget(i);
      }
    },
    replayed(replay) {
      const strange = reclaim();
      replay();
      lend([...new Set([...strange, ...assigned])]);
    },
    dispose() {
      for (const i of [...lent.keys()]) forget(i);
      for (const handle of memory.splice(0)) binding.free(handle);
    },
  };
}
