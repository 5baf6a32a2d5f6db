import type { CreateTrainingStep } from "@csl/engine";
import { partialLoss, selective } from "@csl/partial-loss";
import { createAdam, createEma, trainStep } from "@csl/trainer";
import { createTResNet, type TResNetOptions } from "@csl/tresnet";

/** A step of `csl train` to be timed. */
export interface TimedTraining {
  network: TResNetOptions;
  imageSize: number;
  batchSize: number;
}

/** One entry of a row in a hundred is labelled, as in the data sets with partial labels. */
const labelled = 100;

/**
 * What `csl train` computes in a step, on images that are made up: forward, the selective loss, backward, Adam with averaged weights. The
 * loss is read, so the step has been computed when it ends.
 */
const createTrainingStep: CreateTrainingStep<TimedTraining> = ({ network, imageSize, batchSize }) => {
  const model = createTResNet({ ...network, seed: 1 });
  const { numClasses } = network;
  const adam = createAdam(model.parameters(), { weightDecay: 1e-4 });
  const ema = createEma(model, { decay: 0.9997 });
  const batch = {
    images: Uint8Array.from({ length: batchSize * imageSize ** 2 * 3 }, (_, i) => (i * 7919) % 251),
    labels: Int8Array.from({ length: batchSize * numClasses }, (_, i) =>
      i % labelled > 0 ? -1 : (i / labelled) & 1,
    ),
    ...{ size: batchSize, height: imageSize, width: imageSize },
  };
  const options = { unannotated: selective({ topK: 1, topKScope: "sample" }) };
  const loss = (...[logits, labels]: Parameters<typeof partialLoss>) => partialLoss(logits, labels, options);
  const learner = { model, adam, ema, numClasses, loss };
  return () => trainStep(learner, [batch], { lr: 1e-5, beta1: 0.9 });
};

export default createTrainingStep;
