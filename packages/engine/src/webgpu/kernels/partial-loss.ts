import {
  CslPartialLoss,
  type CslPartialLossAttrs,
  type CslPartialLossInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpu } from "../gpu.js";
import { entriesCode } from "../partial-loss/entries-code.js";
import { selectionCode } from "../partial-loss/selection-code.js";
import { float, gridOf, int, type ShaderBuffer, type Word } from "../run-shader.js";
import { sumTo } from "../shaders/sum-parts.js";
import type { WebKernel } from "../web-kernel.js";

/** Entries that a workgroup of 256 threads handles. */
const perGroup = 256;

/**
 * [loss, gradient] in two to four passes: annotated classes of each row and the entries that a selection picks, where the policy
 * or the reduction want them; the entries; the sum. A policy of the caller's own gives its weights as a tensor.
 */
export const partialLoss: WebKernel<CslPartialLossInputs, CslPartialLossAttrs> = {
  kernelName: CslPartialLoss,
  compute({ inputs, attrs, gpu }) {
    const { logits, labels } = inputs;
    const [rows, classes] = logits.shape as [number, number];
    const size = rows * classes;
    const groups = Math.ceil(size / perGroup);
    const [loss, gradient] = [gpu.make([]), gpu.make(logits.shape)];
    const parts = gpu.scratch(groups);
    const policy = policyBuffers(gpu, inputs, attrs);
    const { gamma, alpha, clip, reduction, focusGradient } = attrs;
    gpu.run({
      name: "CslPartialLoss entries",
      variant: `${policy.name} ${reduction === "annotated-mean"}`,
      buffers: {
        gradient: gpu.write(gradient, false),
        parts: gpu.write(parts, false),
        logits: gpu.read(logits, false),
        labels: gpu.read(labels, false),
        ...policy.buffers,
      },
      words: {
        size: int(size),
        rows: int(rows),
        classes: int(classes),
        scale: float(reduction === "mean" ? 1 / size : 1),
        clip: float(clip),
        focusGradient: float(focusGradient ? 1 : 0),
        gammaUnannotated: float(gamma.unannotated),
        gammaNegative: float(gamma.negative),
        gammaPositive: float(gamma.positive),
        alphaUnannotated: float(alpha.unannotated),
        alphaNegative: float(alpha.negative),
        alphaPositive: float(alpha.positive),
        ...policy.words,
      },
      workgroups: gridOf(groups),
      code: () => entriesCode(policy.weight, reduction === "annotated-mean"),
    });
    sumTo(gpu, { parts, sum: loss, count: groups });
    gpu.free(parts);
    for (const tensor of policy.made) {
      if (tensor instanceof tf.Tensor) tensor.dispose();
      else gpu.free(tensor);
    }
    return [loss, gradient];
  },
};

/** What the pass over the entries needs to weigh one. */
interface Policy {
  name: string;
  /** WGSL: the weight of entry `i` at `row` and `column`, of which `label` is the label and `x` the logit. */
  weight: string;
  buffers: Record<string, ShaderBuffer>;
  words: Record<string, Word>;
  made: tf.TensorInfo[];
}

type Settings = CslPartialLossAttrs["policy"]["settings"];

function policyBuffers(gpu: Gpu, inputs: CslPartialLossInputs, attrs: CslPartialLossAttrs): Policy {
  const { policy, reduction } = attrs;
  const { name, settings } = policy;
  const base = { name, buffers: {}, words: {}, made: [] };
  const known = name === "normalized" || reduction === "annotated-mean" ? countKnown(gpu, inputs) : undefined;
  const counted = {
    buffers: known ? { known: gpu.read(known, false) } : {},
    made: known ? [known] : [],
  };
  switch (name) {
    case "negative":
      return { ...base, ...counted, weight: "1.0" };
    case "ignore":
      return { ...base, ...counted, weight: "select(1.0, 0.0, label == -1.0)" };
    case "normalized":
      return { ...base, ...counted, ...normalizedWeight(settings) };
    case "selective":
      return selectiveWeight(gpu, inputs, settings, counted);
    default: {
      const weights = ownWeights(inputs, attrs);
      return {
        name: "own weights",
        weight: "load_weights(i)",
        buffers: { ...counted.buffers, weights: gpu.read(weights, false) },
        words: {},
        made: [...counted.made, weights],
      };
    }
  }
}

function normalizedWeight({ scheme, slope, exponent, offset }: Settings): Pick<Policy, "weight" | "words"> {
  const proportional = scheme === "proportion";
  const g = "words.slope * power(load_known(row) / f32(words.classes), words.exponent) + words.offset";
  const reference = "words.slope / (1.0 + load_known(row)) * words.exponent + words.offset";
  return {
    weight: `select(select(${reference}, ${g}, words.proportional > 0.0), 0.0, label == -1.0)`,
    words: {
      proportional: float(proportional ? 1 : 0),
      slope: float(proportional ? Number(slope) : 1),
      exponent: float(proportional ? Number(exponent) : 1),
      offset: float(proportional ? Number(offset) : 1),
    },
  };
}

function selectiveWeight(
  gpu: Gpu,
  { logits, labels, prior }: CslPartialLossInputs,
  { topK, topKScope, priorThreshold, spareIgnored }: Settings,
  counted: Pick<Policy, "buffers" | "made">,
): Policy {
  const [rows, classes] = logits.shape as [number, number];
  const perSample = topKScope === "sample";
  const pools = perSample ? rows : 1;
  const pool = (rows * classes) / pools;
  const picks = Math.min(perSample ? Number(topK) : Number(topK) * rows, pool);
  const withPrior: Record<string, ShaderBuffer> = prior ? { prior: gpu.read(prior, false) } : {};
  const words = {
    classes: int(classes),
    threshold: float(prior ? Number(priorThreshold) : 0),
    pool: int(pool),
  };
  const byPrior = prior ? "load_prior(column) > words.threshold" : "false";
  if (topK === 0)
    return {
      name: `selective ${prior ? "prior" : ""}`,
      weight: `select(1.0, 0.0, label == -1.0 && ${byPrior})`,
      buffers: { ...counted.buffers, ...withPrior },
      words: { threshold: words.threshold },
      made: counted.made,
    };
  const picked = gpu.backend.makeTensorInfo([2 * pools], "int32");
  gpu.run({
    name: "CslPartialLoss selection",
    variant: `${prior ? "prior" : ""} ${spareIgnored}`,
    buffers: {
      picked: { tensor: picked, element: "i32", write: true },
      logits: gpu.read(logits, false),
      labels: gpu.read(labels, false),
      ...(spareIgnored ? withPrior : {}),
    },
    words: { ...words, picks: int(picks) },
    workgroups: gridOf(pools),
    code: () => selectionCode(spareIgnored ? byPrior : "false"),
  });
  return {
    name: `selective and picks ${prior ? "prior" : ""}`,
    weight: `weightOf(i, label, x, ${byPrior})`,
    buffers: { ...counted.buffers, ...withPrior, picked: { tensor: picked, element: "i32" } },
    words: { threshold: words.threshold, pool: words.pool },
    made: [...counted.made, picked],
  };
}

function ownWeights(inputs: CslPartialLossInputs, { policy }: CslPartialLossAttrs): tf.TensorInfo {
  // TensorFlow.js hands the tensors themselves to a kernel, so ops accept them.
  const batch = inputs as Parameters<typeof policy.weighTensors>[0];
  return tf.tidy(() => policy.weighTensors({ ...batch, labels: tf.cast(batch.labels, "float32") }));
}

/** [rows]: how many classes of a row are annotated. */
function countKnown(gpu: Gpu, { labels }: CslPartialLossInputs): tf.TensorInfo {
  const [rows, classes] = labels.shape as [number, number];
  const known = gpu.scratch(rows);
  gpu.run({
    name: "CslPartialLoss annotated",
    buffers: { known: gpu.write(known, false), labels: gpu.read(labels, false) },
    words: { rows: int(rows), classes: int(classes) },
    workgroups: [Math.ceil(rows / 64), 1, 1],
    code: () => `
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = i32(id.x);
  if (row >= words.rows) { return; }
  var sum = 0.0;
  for (var c = 0; c < words.classes; c++) {
    if (load_labels(row * words.classes + c) != -1.0) { sum += 1.0; }
  }
  store_known(row, sum);
}`,
  });
  return known;
}
