import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { readsAtOnce } from "@csl/internal/kernels/reads-at-once";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import * as tf from "@tensorflow/tfjs-core";
import { type FoldedTResNet, foldBatchNorm } from "./fold-batch-norm.js";
import { forwardParts, type SumOverProcesses } from "./forward-parts.js";
import { applyHead } from "./head.js";
import { planHead, type TResNetHead } from "./head-plan.js";
import { initialValues } from "./initial-values.js";
import { checkKernels } from "./kernels/needed-kernels.js";
import { registerKernels } from "./kernels/register-kernels.js";
import {
  compareStateDict,
  isCounter,
  type LoadReport,
  requireComplete,
  requireFinite,
} from "./load-state-dict.js";
import {
  checkDecoderOptions,
  type DecoderOptions,
  decoderOptions,
  dropoutRate,
} from "./ml-decoder/decoder-sizes.js";
import { type Dropout, seededDropout } from "./ml-decoder/dropout.js";
import { planNetwork } from "./plan.js";
import { firstRangeCheck } from "./range-check.js";
import { checkImages, runNetwork } from "./run-network.js";
import { RunningStatistics } from "./running-statistics.js";
import { resolveShape, type TResNetShape, type TResNetVariant } from "./shape.js";
import { isParameter, stateDictShapes, type TResNetOptions } from "./state-dict-shapes.js";
import { summarize } from "./summary.js";
import { fromTorchLayout, fromTorchShape, toTorchLayout } from "./torch-layout.js";
import { unwrapStateDict } from "./unwrap-state-dict.js";

/** Everything createTResNet needs to build the same model again; plain JSON. */
interface TResNetConfig {
  variant: TResNetVariant | TResNetShape;
  numClasses: number;
  head: TResNetHead;
  /** Of a head "ml-decoder". */
  decoder?: DecoderOptions;
  seed: number;
}

interface ForwardOptions {
  /**
   * Normalise by the batch and update the running statistics; an ML-Decoder drops out. Default false: use the running
   * statistics.
   */
  training?: boolean;
}

/** A TResNet. Its tensors belong to it until dispose(); what its methods return belongs to the caller. */
export interface TResNet {
  readonly variant: TResNetVariant | TResNetShape;
  readonly numClasses: number;
  readonly head: TResNetHead;
  readonly config: TResNetConfig;
  /** Images [batch, height, width, 3] in [0, 1] -> logits [batch, classes]. Differentiable in both modes. */
  forward(images: tf.Tensor4D, options?: ForwardOptions): tf.Tensor2D;
  /** The same images -> the map before the pooling, [batch, ⌈height/32⌉, ⌈width/32⌉, channels]. */
  features(images: tf.Tensor4D, options?: ForwardOptions): tf.Tensor4D;
  /** Trainable variables by state-dict key, in TensorFlow.js layout (HWIO, [in, out]). */
  parameters(): ReadonlyMap<string, tf.Variable>;
  /** Running means and variances, and the fixed queries of an ML-Decoder, by state-dict key. */
  buffers(): ReadonlyMap<string, tf.Variable>;
  /**
   * Batches seen in training mode, PyTorch's `num_batches_tracked`. Whoever replays recorded steps sets it. The dropout of
   * an ML-Decoder depends on it and the seed alone.
   */
  trainedBatches: number;
  /**
   * From now on the norms' batch, in training mode, is that of all processes that train together (PyTorch's SyncBatchNorm).
   *
   * @param sum replaces numbers by their sum over the processes, before it returns: twice for each norm, forward and backward, on
   * all processes in the same order. Without it the batch is this process's again.
   * @throws CslError `unsupported` on a backend that gives values only later: webgpu in Node
   */
  syncNorms(sum?: (numbers: Float64Array) => void): void;
  /** A copy of all tensors in PyTorch's order and layout, of a model on any backend. */
  stateDict(): Promise<StateDict>;
  /**
   * Copies weights in. Keys may have what wrappers put before them (`module.`, `model.`, `_orig_mod.` …), and other
   * modules' tensors may be there too. Strict (default): throws CslError `mismatch`, and changes nothing, unless the
   * network's keys and shapes fit exactly; otherwise loads what fits and reports the rest.
   */
  loadStateDict(
    state: ReadonlyMap<string, { shape: number[]; data: Float32Array }>,
    options?: { strict?: boolean },
  ): LoadReport;
  /** A copy for inference with the norms folded into the convolutions; it does not follow later training. */
  foldBatchNorm(): FoldedTResNet;
  /** Stages, output sizes and parameter counts as text. */
  summary(options?: { size?: number }): string;
  dispose(): void;
}

let created = 0;

/**
 * Builds a TResNet (arXiv 2003.13630) with initial values from a seed, on the current backend.
 *
 * @param options.variant "m", "l", "xl", "l-v2" or a custom {@link TResNetShape}
 * @param options.head "linear" (default), "bottleneck" (rank 512, the OpenImages checkpoints) or "ml-decoder"
 * @param options.decoder sizes of the head "ml-decoder": {@link DecoderOptions}
 * @param options.seed of the initial values and of the dropout, default 0
 * @throws CslError `unknown-option` or `invalid-argument` for options and shapes
 */
export function createTResNet(options: TResNetOptions & { seed?: number }): TResNet {
  checkOptions("createTResNet", options, {
    ...{ variant: true, numClasses: true, head: true, decoder: true, seed: true },
  });
  checkDecoderOptions(options.decoder);
  const { variant, numClasses, head = "linear", seed = 0 } = options;
  const headPlan = planHead(options);
  const decoder = headPlan.kind === "ml-decoder" ? { decoder: decoderOptions(headPlan.sizes) } : {};
  const architecture = { variant, numClasses, head, ...decoder };
  const shapes = stateDictShapes(architecture);
  const shape = resolveShape(variant);
  const plan = planNetwork(shape);
  registerKernels(tf.getBackend());
  // Variable names are global to TensorFlow.js, keys are not.
  const prefix = `tresnet${created++}/`;
  const initial = initialValues(plan, seed, shapes);
  const parameters = new Map<string, tf.Variable>();
  const buffers = new Map<string, tf.Variable>();
  for (const [key, torchShape] of shapes) {
    if (isCounter(key)) continue;
    const trainable = isParameter(key);
    const values = tf.tensor(initial(key, torchShape), fromTorchShape(torchShape));
    (trainable ? parameters : buffers).set(key, tf.variable(values, trainable, prefix + key));
    values.dispose();
  }
  const variable = (key: string): tf.Variable => parameters.get(key) ?? buffers.get(key)!;
  let trainedBatches = 0;
  let sum: SumOverProcesses | undefined;
  let disposed = false;
  const checkRange = firstRangeCheck();

  const features = (images: tf.Tensor4D, training: boolean): tf.Tensor4D => {
    if (disposed)
      throw new CslError("closed", "tresnet: expected a model in use, got one that was disposed.");
    checkImages(images);
    checkRange(images);
    registerKernels(tf.getBackend()); // another backend may be current by now
    checkKernels(tf.getBackend(), { training });
    const statistics = new RunningStatistics();
    const parts = forwardParts(variable, { training, sum, statistics });
    const map = statistics.after(() => runNetwork(plan, parts, images));
    if (training) trainedBatches++;
    return map;
  };

  const read = async (
    key: string,
    torchShape: number[],
  ): Promise<{ shape: number[]; data: Float32Array }> => {
    if (isCounter(key)) return { shape: [], data: Float32Array.of(trainedBatches) };
    const data = (await variable(key).data()) as Float32Array;
    const torch = toTorchLayout(data, torchShape);
    return { shape: [...torchShape], data: torch === data ? data.slice() : torch };
  };

  /** The present step's, of a head that has one. */
  const dropout = (training: boolean): Dropout | undefined =>
    training && headPlan.kind === "ml-decoder"
      ? seededDropout({ seed, step: trainedBatches, rate: dropoutRate })
      : undefined;

  return {
    variant,
    numClasses,
    head,
    config: { ...architecture, seed },
    features: (images, mode) => {
      const training = isTraining("features", mode);
      return tf.tidy(() => features(images, training));
    },
    forward: (images, mode) => {
      const training = isTraining("forward", mode);
      return tf.tidy(() => applyHead(features(images, training), headPlan, variable, dropout(training)));
    },
    parameters: () => parameters,
    buffers: () => buffers,
    get trainedBatches() {
      return trainedBatches;
    },
    set trainedBatches(count) {
      trainedBatches = count;
    },
    syncNorms: (given) => {
      if (given && !readsAtOnce())
        throw new CslError(
          "unsupported",
          `syncNorms: expected a backend that gives values at once, got ${tf.getBackend()}. Leave syncNorms (csl train --sync-bn) out, or take another engine.`,
        );
      sum = given;
    },
    stateDict: async () => {
      const state: StateDict = new Map();
      for (const [key, torchShape] of shapes) state.set(key, await read(key, torchShape));
      return state;
    },
    loadStateDict: (given, choice = {}) => {
      checkOptions("loadStateDict", choice, { strict: true });
      const { strict = true } = choice;
      const { state, beside } = unwrapStateDict(given);
      const report = { ...compareStateDict(state, shapes), beside };
      if (strict) requireComplete(report);
      const mismatched = new Set(report.mismatched.map(({ key }) => key));
      const fitting = new Map([...state].filter(([key]) => shapes.has(key) && !mismatched.has(key)));
      requireFinite(fitting);
      for (const [key, { data, shape: torchShape }] of fitting) {
        if (isCounter(key)) trainedBatches = data[0]!;
        else
          tf.tidy(() =>
            variable(key).assign(tf.tensor(fromTorchLayout(data, torchShape), fromTorchShape(torchShape))),
          );
      }
      return report;
    },
    foldBatchNorm: () => {
      const headKeys = [...shapes.keys()].filter((key) => key.startsWith("head."));
      return foldBatchNorm(plan, { head: headPlan, headKeys }, variable);
    },
    summary: (choice = {}) => {
      checkOptions("summary", choice, { size: true });
      return summarize(architecture, choice.size ?? 224);
    },
    dispose: () => {
      disposed = true;
      for (const value of [...parameters.values(), ...buffers.values()])
        if (!value.isDisposed) value.dispose();
    },
  };
}

function isTraining(speaker: string, options: ForwardOptions = {}): boolean {
  checkOptions(speaker, options, { training: true });
  return options.training ?? false;
}
