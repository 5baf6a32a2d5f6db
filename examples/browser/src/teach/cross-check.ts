import { headLogits } from "./head.js";
import { type HeadTask, trainHead } from "./train-head.js";

/** Parts that the images are divided into. */
const most = 5;

/**
 * How many of the person's labels a head gets right on images that it was not trained on: each part of the images is scored by
 * a head of the others.
 */
export async function crossCheck(task: HeadTask): Promise<{ right: number; of: number }> {
  const { features, labels } = task;
  const parts = Math.min(most, features.length);
  let right = 0;
  let of = 0;
  for (let part = 0; part < parts; part++) {
    const kept = <T>(rows: readonly T[]): T[] => rows.filter((_, i) => i % parts !== part);
    const { onStep: _, ...rest } = task;
    const head = await trainHead({ ...rest, features: kept(features), labels: kept(labels) });
    for (let i = part; i < features.length; i += parts) {
      const logits = headLogits({ ...head, classes: [], body: "" }, features[i]!);
      for (const [c, label] of labels[i]!.entries()) {
        if (label < 0) continue;
        of++;
        if (Number(logits[c]! > 0) === label) right++;
      }
    }
  }
  return { right, of };
}
