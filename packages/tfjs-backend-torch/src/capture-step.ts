import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import type { Binding } from "./binding.js";
import { graphVariables } from "./graph-variables.js";
import { hostConstants } from "./host-constants.js";
import type { TorchBackend } from "./torch-backend.js";

export interface CaptureOptions {
  /** Whatever the step reads or assigns besides its inputs: parameters, running statistics. */
  variables?: readonly tf.Variable[];
  /** Runs before the recording, at least one, in which libraries choose their algorithms. They leave no trace in `variables`. */
  warmUp?: number;
}

type Graphs = Required<Pick<Binding, "beginGraph" | "endGraph" | "replayGraph" | "freeGraph">>;

export interface CapturedStep {
  /** Runs the step on inputs of the same shapes. Its results are valid until the next run, which disposes of or overwrites them. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** Whether a recording is replayed. Otherwise the step itself runs each time. */
  readonly recorded: boolean;
  dispose(): void;
}

/**
 * A step of training as one launch: on CUDA all its kernels are recorded once, as a graph, and replayed, which spares the
 * host the time that each operator costs it. Elsewhere the step simply runs, with the same results.
 *
 * The step must do the same whenever it runs: fixed shapes, no value read by the program. A number that changes, such as a
 * learning rate, is an input; what the step brings from host memory itself is sent once. @csl/tresnet with a loss of
 * @csl/partial-loss is such a step, with `validate: false`, and so is a step of @csl/trainer's Adam.
 *
 * The graph reads and writes the memory of `variables` itself. What was made of one of them before, a clone or a slice, keeps its
 * numbers.
 *
 * @param step from inputs to results; what else it reads or assigns is named in `variables`
 * @param inputs an example of the inputs
 * @throws CslError `failed` when the step cannot be recorded, with libtorch's reason; `variables` are then as before
 */
export function captureStep(
  step: (inputs: tf.Tensor[]) => tf.Tensor[],
  inputs: readonly tf.Tensor[],
  options: CaptureOptions = {},
): CapturedStep {
  checkOptions("captureStep", options, { variables: true, warmUp: true });
  return captureWith(graphsOf(tf.backend() as TorchBackend), step, inputs, options);
}

/** The same, recorded by `graphs`; without it the step runs as it is. */
export function captureWith(
  graphs: Graphs | undefined,
  step: (inputs: tf.Tensor[]) => tf.Tensor[],
  inputs: readonly tf.Tensor[],
  { variables = [], warmUp = 3 }: CaptureOptions = {},
): CapturedStep {
  return graphs ? record(step, inputs, { variables, warmUp, graphs }) : runUnrecorded(step, inputs);
}

function graphsOf({ device = "cpu", binding }: Partial<TorchBackend>): Graphs | undefined {
  return device !== "cpu" && binding?.beginGraph ? (binding as Graphs) : undefined;
}

/** The step's results, out of reach of the caller's tf.tidy. */
const resultsOf = (step: (inputs: tf.Tensor[]) => tf.Tensor[], inputs: readonly tf.Tensor[]): tf.Tensor[] =>
  tf.tidy(() => step([...inputs])).map((tensor) => tf.keep(tensor));

function runUnrecorded(
  step: (inputs: tf.Tensor[]) => tf.Tensor[],
  example: readonly tf.Tensor[],
): CapturedStep {
  let results: tf.Tensor[] = [];
  return {
    recorded: false,
    run(inputs) {
      expectLike(inputs, example);
      tf.dispose(results);
      results = resultsOf(step, inputs);
      return results;
    },
    dispose: () => tf.dispose(results),
  };
}

function record(
  step: (inputs: tf.Tensor[]) => tf.Tensor[],
  example: readonly tf.Tensor[],
  { variables, warmUp, graphs }: { variables: readonly tf.Variable[]; warmUp: number; graphs: Graphs },
): CapturedStep {
  const backend = tf.backend() as TorchBackend;
  const device = Number(backend.device.split(":")[1] ?? 0);
  // The memory that the graph reads its inputs from, and whatever else lives as long as it does.
  const places = copiesOf(backend, example);
  const before = variables.map((variable) => tf.keep(tf.clone(variable)));
  const restore = (): void => {
    for (const [i, variable] of variables.entries()) variable.assign(before[i]!);
  };
  const constants = hostConstants(backend);
  try {
    for (let i = 0; i < warmUp; i++) tf.dispose(constants.note(() => resultsOf(step, places)));
  } catch (thrown) {
    constants.dispose();
    tf.dispose([places, before]);
    throw thrown;
  }
  restore();
  const memory = graphVariables(backend, variables);

  let results: tf.Tensor[] = [];
  let graph: number | undefined;
  let failure: unknown;
  graphs.beginGraph(device);
  backend.recording = true;
  try {
    results = memory.recorded(() => constants.give(() => resultsOf(step, places)));
  } catch (thrown) {
    failure = thrown;
  }
  backend.recording = false;
  try {
    graph = graphs.endGraph();
  } catch (thrown) {
    failure ??= thrown;
  }
  restore();
  tf.dispose(before);
  const dispose = (): void => {
    if (graph !== undefined) graphs.freeGraph(graph);
    graph = undefined;
    constants.dispose();
    memory.dispose();
    tf.dispose([places, results]);
  };
  if (failure !== undefined || graph === undefined) {
    dispose();
    throw new CslError(
      "failed",
      `captureStep: the step cannot be recorded: ${(failure as Error).message}. Run it unrecorded (csl train without --cuda-graphs).`,
      { cause: failure },
    );
  }
  return {
    recorded: true,
    run(inputs) {
      if (graph === undefined) throw new CslError("closed", "captureStep: the recording was disposed of.");
      expectLike(inputs, places);
      overwrite(backend, places, inputs);
      memory.replayed(() => graphs.replayGraph(graph!));
      return results;
    },
    dispose,
  };
}

/** The same numbers in memory of their own, kept. */
function copiesOf(backend: TorchBackend, tensors: readonly tf.Tensor[]): tf.Tensor[] {
  const handles = backend.callFused(
    "copies",
    tensors.map((tensor) => backend.handleOf(tensor)),
    [],
  );
  return tensors.map((tensor, i) => {
    const { dtype } = tensor;
    const { dataId } = backend.adopt(handles[i]!, [...backend.numericOf(tensor).shape], dtype);
    return tf.keep(tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...tensor.shape], dtype }));
  });
}

function overwrite(backend: TorchBackend, places: readonly tf.Tensor[], by: readonly tf.Tensor[]): void {
  const handles = [...places, ...by].map((tensor) => backend.handleOf(tensor));
  backend.callFused("copyInto", handles, []);
}

function expectLike(inputs: readonly tf.Tensor[], example: readonly tf.Tensor[]): void {
  const say = (list: readonly tf.Tensor[]): string =>
    list.map(({ dtype, shape }) => `${dtype} [${shape}]`).join(", ");
  if (say(inputs) !== say(example)) {
    throw new CslError(
      "mismatch",
      `captureStep: expected the inputs it was made with, ${say(example)}; got ${say(inputs)}. Capture another step for other shapes.`,
    );
  }
}
