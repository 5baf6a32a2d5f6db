import { frozenBody } from "../body.js";
import { createRankSum } from "../distributed/rank-sum.js";
import type { Run } from "../run.js";
import { capturedGradients } from "./captured-gradients.js";
import type { Learner } from "./learner.js";
import { guardsSteps } from "./unread-step.js";
import { capturedStep } from "./whole-step.js";

/**
 * What the steps of the present epoch train: the model, or its head while the body is frozen. Kept from epoch to epoch, as
 * its recorded step is.
 */
export function learnerOf(run: Run): Learner {
  const { task, adam, ema, numClasses, progress, accumulate } = run;
  const { body, captureStep, loss } = task;
  const frozen = progress.epoch < (body?.freezeEpochs ?? 0);
  if (run.learner?.frozen === frozen) return run.learner;
  run.learner?.captured?.dispose();
  run.learner?.recorded?.dispose();
  const model = frozen ? frozenBody(task.model, body) : task.model;
  const variables = [...task.model.parameters().values(), ...task.model.buffers().values()];
  const { collectives, signal } = task;
  const ranks = collectives && {
    sum: createRankSum(collectives, model.parameters()),
    stop: () => signal?.aborted === true,
  };
  run.learner = { model, loss, adam, ema, numClasses, frozen, ranks };
  if (captureStep && typeof loss === "function") {
    // Several ranks sum the gradients of a step by way of the host.
    if (guardsSteps() && !ranks) {
      const step = { model, loss, adam, ema, clipGradNorm: task.clipGradNorm };
      run.learner.recorded = capturedStep(step, captureStep, variables);
    } else
      run.learner.captured = capturedGradients({ model, loss }, captureStep, {
        lasting: accumulate > 1,
        variables,
      });
  }
  return run.learner;
}
