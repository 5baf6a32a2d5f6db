import * as tf from "@tensorflow/tfjs-core";

/**
 * Records a step of fixed shapes once and replays it as a whole; an engine of @csl/engine offers it as `captureStep`
 * where its backend can. `variables` are what the step reads or assigns besides its inputs. What `run` gives is valid
 * until the next run.
 */
export type CaptureStep = (
  step: (inputs: tf.Tensor[]) => tf.Tensor[],
  example: readonly tf.Tensor[],
  options: { variables: readonly tf.Variable[] },
) => { run(inputs: readonly tf.Tensor[]): tf.Tensor[]; dispose(): void };

/** Tensors, and what they are: that is the same at every run. */
export interface Computed<T> {
  tensors: tf.Tensor[];
  layout: T;
}

export interface Recorded<T> {
  /** As the computation itself: the caller owns the tensors. */
  run(inputs: tf.Tensor[]): Computed<T>;
  dispose(): void;
}

/**
 * A computation, recorded at its first inputs and replayed for all of their shapes. Larger ones are recorded in their
 * place; smaller ones (the last batch of an epoch) are computed without it.
 *
 * @param options.variables what it reads or assigns
 * @param options.lasting what it gives outlives the next run, at the price of a copy; otherwise the numbers do not
 * @throws when it cannot be recorded, with the engine's reason
 */
export function recorded<T>(
  compute: (inputs: tf.Tensor[]) => Computed<T>,
  captureStep: CaptureStep,
  { variables, lasting = false }: { variables: readonly tf.Variable[]; lasting?: boolean },
): Recorded<T> {
  let recording: Recording<T> | undefined;
  const record = (inputs: tf.Tensor[]): Recording<T> => {
    const made: Omit<Recording<T>, "step"> = {
      layout: undefined,
      shapes: describeShapes(inputs),
      size: sizeOf(inputs),
    };
    const step = (places: tf.Tensor[]): tf.Tensor[] => {
      const { tensors, layout } = compute(places);
      made.layout = layout;
      return tensors;
    };
    return Object.assign(made, { step: captureStep(step, inputs, { variables }) });
  };
  return {
    run(inputs) {
      if (!recording || sizeOf(inputs) > recording.size) {
        recording?.step.dispose();
        recording = undefined; // should the next one fail
        recording = record(inputs);
      }
      if (recording.shapes !== describeShapes(inputs)) return compute(inputs);
      const tensors = recording.step.run(inputs);
      return {
        tensors: tensors.map((tensor) => (lasting ? tf.mul(tensor, 1) : tf.clone(tensor))),
        layout: recording.layout!,
      };
    },
    dispose: () => recording?.step.dispose(),
  };
}

interface Recording<T> {
  step: ReturnType<CaptureStep>;
  /** Known once the computation has run. */
  layout: T | undefined;
  shapes: string;
  size: number;
}

const describeShapes = (tensors: tf.Tensor[]): string => tensors.map(({ shape }) => `[${shape}]`).join();
const sizeOf = (tensors: tf.Tensor[]): number => tensors.reduce((sum, { size }) => sum + size, 0);
