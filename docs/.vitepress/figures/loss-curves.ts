import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { partialLoss } from "@csl/partial-loss";

export const labelKinds = ["positive", "negative", "unannotated"] as const;
export type LabelKind = (typeof labelKinds)[number];
const labelOf = { positive: 1, negative: 0, unannotated: -1 } as const;

export interface CurveSettings {
  gamma: Record<LabelKind, number>;
  clip: number;
}

export interface Curve {
  kind: LabelKind;
  losses: number[];
  gradients: number[];
}

/** The loss of one entry, and its gradient, for each of the logits: what @csl/partial-loss computes. */
export async function lossCurves(logits: readonly number[], settings: CurveSettings): Promise<Curve[]> {
  await tf.setBackend("cpu");
  return labelKinds.map((kind) => {
    const found = logits.map((logit) => tf.tidy(() => oneEntry(logit, kind, settings)));
    return { kind, losses: found.map(([loss]) => loss), gradients: found.map(([, gradient]) => gradient) };
  });
}

function oneEntry(logit: number, kind: LabelKind, settings: CurveSettings): [loss: number, gradient: number] {
  const label = tf.tensor2d([[labelOf[kind]]]);
  const loss = (x: tf.Tensor) => partialLoss(x as tf.Tensor2D, label, { ...settings, validate: false });
  const { value, grad } = tf.valueAndGrad(loss)(tf.tensor2d([[logit]]));
  return [value.dataSync()[0]!, grad.dataSync()[0]!];
}
