import type { Argument, Binding, Handle, Result } from "../src/binding.js";
import type { TorchBackend } from "../src/torch-backend.js";

export type Recorder = Binding &
  Required<Pick<Binding, "beginGraph" | "endGraph" | "replayGraph" | "freeGraph">>;

/** What records the steps of a backend: its device, or on the CPU what does as one would. */
export function graphsFor({ device, binding }: TorchBackend): Recorder {
  return device === "cpu" ? recorder(binding) : (binding as Recorder);
}

/**
 * For tests: records on the CPU as a CUDA graph does on the device: the calls with the numbers they had, and the memory
 * that their results lay in, where a replay puts the new ones.
 */
function recorder(binding: Binding): Recorder {
  let calls: { run: () => Result; results: Handle[] }[] | undefined;
  const graphs = new Map<number, NonNullable<typeof calls>>();
  const waiting: Handle[] = [];
  /** Whatever calls of a recording were given, numbers that are no handles among them. */
  const given = new Set<unknown>();
  const copy = binding.findOperator("aten::copy_", "");
  const handlesIn = (result: Result): Handle[] =>
    [result]
      .flat(2)
      .filter((handle) => typeof handle === "number")
      .filter((handle) => handle !== 0);
  const recorded =
    <A extends unknown[]>(call: (...args: A) => Result) =>
    (...args: A): Result => {
      const result = call(...args);
      if (calls) for (const argument of args.flat(3)) given.add(argument);
      calls?.push({ run: () => call(...args), results: handlesIn(result) });
      return result;
    };
  const own = {
    callOperator: recorded((id: number, ...args: Argument[]) => binding.callOperator(id, ...args)),
    callFused: recorded((id: number, tensors: readonly Handle[], numbers: readonly number[]) =>
      binding.callFused(id, tensors, numbers),
    ) as Binding["callFused"],
    // Nothing but one value, which needs no bytes, may come from the host meanwhile, and nothing may go there.
    upload(values: ArrayBufferView, ...rest: [readonly number[], number, string]): Handle {
      const numbers = values as Float32Array;
      if (calls && numbers.some((value) => value !== numbers[0])) throw new Error("upload while recording");
      return binding.upload(values, ...rest);
    },
    download(handle: Handle, into: ArrayBufferView): void {
      if (calls) throw new Error("download while recording");
      binding.download(handle, into);
    },
    // A graph's memory stays.
    free: (handle: Handle): void =>
      void (calls || given.has(handle) ? waiting.push(handle) : binding.free(handle)),
    beginGraph: (): void => {
      calls = [];
    },
    endGraph: (): number => {
      graphs.set(graphs.size + 1, calls!);
      calls = undefined;
      return graphs.size;
    },
    replayGraph(id: number): void {
      for (const { run, results } of graphs.get(id)!) {
        for (const [i, handle] of handlesIn(run()).entries()) {
          binding.free(binding.callOperator(copy, results[i]!, handle) as number);
          binding.free(handle);
        }
      }
    },
    freeGraph(id: number): void {
      graphs.delete(id);
      given.clear();
      for (const handle of waiting.splice(0)) binding.free(handle);
    },
  };
  return { ...binding, ...own };
}
