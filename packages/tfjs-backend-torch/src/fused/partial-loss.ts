import { batchPlace, notALabel, notFinite } from "@csl/internal/kernels/bad-entry";
import {
  CslPartialLoss,
  type CslPartialLossAttrs,
  type CslPartialLossInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { defineKernel, type Scope } from "../define-kernel.js";

type Settings = CslPartialLossAttrs["policy"]["settings"];

const reductions = ["sum", "mean", "annotated-mean"];

/** The policies that binding/fused-loss.cc knows, by name: their number there and their settings. */
const policies: Readonly<Record<string, (settings: Settings) => number[]>> = {
  negative: () => [0],
  ignore: () => [1],
  normalized: ({ scheme, slope, exponent, offset }) => [
    2,
    ...[Number(scheme === "proportion"), slope, exponent, offset].map(Number),
  ],
  selective: ({ topK, topKScope, priorThreshold, spareIgnored }) => [
    3,
    ...[topK, Number(topKScope === "sample"), priorThreshold, spareIgnored].map(Number),
  ],
};
const givenWeights = 4;

/** [loss, gradient] of @csl/partial-loss in one pass; a policy of your own gives its weights as a tensor. */
export const partialLossKernels: tf.KernelConfig[] = [
  defineKernel<CslPartialLossInputs, CslPartialLossAttrs>(
    CslPartialLoss,
    ({ logits, labels, prior }, attrs, scope) => {
      const { gamma, alpha, clip, reduction, focusGradient, policy } = attrs;
      const { fused, of, float, keep } = scope;
      const [x, y] = [of(logits), float(labels)];
      if (attrs.validate) check(attrs.speaker, x, y, logits.shape[1]!, scope);
      const known = policies[policy.name]?.(policy.settings);
      const weights = known ? undefined : weigh(attrs, { logits, labels, ...(prior && { prior }) });
      const numbers = [gamma.unannotated, gamma.negative, gamma.positive];
      numbers.push(alpha.unannotated, alpha.negative, alpha.positive, clip, reductions.indexOf(reduction));
      numbers.push(Number(focusGradient), ...(known ?? [givenWeights]));
      const [loss, gradient] = fused(
        "partialLoss",
        [x, y, prior && of(prior), weights && of(weights)],
        numbers,
      );
      weights?.dispose();
      return [keep(loss!, [], "float32"), keep(gradient!, logits.shape, "float32")];
    },
  ),
];

function weigh({ policy }: CslPartialLossAttrs, inputs: CslPartialLossInputs): tf.Tensor {
  // TensorFlow.js hands the tensors themselves to a kernel, so ops accept them.
  const batch = inputs as Parameters<typeof policy.weighTensors>[0];
  return tf.tidy(() => policy.weighTensors({ ...batch, labels: tf.cast(batch.labels, "float32") }));
}

/** @throws at the first label that is not 1, 0 or -1, or logit that is not finite */
function check(speaker: string, logits: number, labels: number, classes: number, scope: Scope): void {
  const { fused, op, backend } = scope;
  const first = new Int32Array(1);
  backend.binding.download(fused("firstBadEntry", [logits, labels])[0]!, first);
  const [i = -1] = first;
  if (i < 0) return;
  const entry = (handle: number): number => {
    const value = new Float32Array(1);
    backend.binding.download(op("select.int", op("reshape", handle, [-1]), 0, i), value);
    return value[0]!;
  };
  const place = batchPlace(i, classes);
  const label = entry(labels);
  throw [1, 0, -1].includes(label)
    ? notFinite(speaker, entry(logits), place)
    : notALabel(speaker, label, place);
}
