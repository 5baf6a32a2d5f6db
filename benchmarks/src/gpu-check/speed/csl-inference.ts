import { captureStep } from "@csl/tfjs-backend-torch";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
// As the trainer and the commands bring images to the device.
import { imageTensor } from "../../../../packages/trainer/src/batch.js";
import type { Job } from "./job.js";
import { randomBatch } from "./random-batch.js";
import type { Repetitions } from "./repetitions.js";

/** Bytes in host memory to probabilities there, with batch norm folded into the convolutions. */
export function inference(job: Job): Repetitions {
  const { shape, classes, graph = false } = job;
  const batch = randomBatch(job);
  const model = createTResNet({ variant: shape, numClasses: classes, seed: 1 });
  const folded = model.foldBatchNorm();
  const forward = ([images]: tf.Tensor[]): tf.Tensor[] => [tf.sigmoid(folded.forward(images as tf.Tensor4D))];
  let captured: ReturnType<typeof captureStep> | undefined;
  return {
    async run(count) {
      for (let i = 0; i < count; i++) {
        const images = imageTensor(batch);
        if (graph) captured ??= captureStep(forward, [images]);
        const [probabilities] = captured ? captured.run([images]) : tf.tidy(() => forward([images]));
        await probabilities!.data();
        tf.dispose(captured ? images : [images, probabilities!]);
      }
    },
    async end() {
      captured?.dispose();
      folded.dispose();
      model.dispose();
    },
  };
}
