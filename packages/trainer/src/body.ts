import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import type { TrainableModel } from "./model.js";
import type { BodyOptions, TrainTask } from "./task.js";

const notOfTheHead = (key: string): boolean => !key.startsWith("head.");

/** The factor of each parameter's learning rate. */
export function bodyLrScale({ has = notOfTheHead, lrScale = 1 }: BodyOptions = {}): (key: string) => number {
  return (key) => (has(key) ? lrScale : 1);
}

/** What a resume must find unchanged; nothing for a body that is trained as the head is. */
export function bodySettings({ freezeEpochs, lrScale }: BodyOptions = {}): Record<string, number> {
  return {
    ...(freezeEpochs !== undefined && { freezeBody: freezeEpochs }),
    ...(lrScale !== undefined && { bodyLrScale: lrScale }),
  };
}

/** Refuses unknown names. */
export function checkBodyOptions(speaker: string, body: BodyOptions = {}): void {
  checkOptions(`${speaker}: body`, body, { has: true, freezeEpochs: true, lrScale: true });
}

/** @throws CslError for numbers out of range, and for a model of which nothing is the body, or nothing the head. */
export function checkBody({ body, model, epochs }: Pick<TrainTask, "body" | "model" | "epochs">): void {
  if (!body) return;
  const { has = notOfTheHead, freezeEpochs = 0, lrScale = 1 } = body;
  checkRange("train", "body.lrScale", lrScale, { above: 0 });
  if (!Number.isSafeInteger(freezeEpochs) || freezeEpochs < 0 || freezeEpochs > epochs)
    throw new CslError(
      "invalid-argument",
      `train: expected body.freezeEpochs to be a whole number from 0 to the ${epochs} epochs of the schedule, got ${freezeEpochs}.`,
    );
  const keys = [...model.parameters().keys()];
  const count = keys.filter(has).length;
  if (count > 0 && count < keys.length) return;
  throw new CslError(
    "invalid-argument",
    `train: expected a model with a body and a head for body, got one whose ${keys.length} parameters are all ` +
      `${count === 0 ? "head" : "body"} (first: ${keys[0]}). Say which are the body: body.has.`,
  );
}

/** A model of which the head alone is trained: in inference mode, which leaves the running statistics as they are. */
export function frozenBody(
  model: TrainableModel,
  { has = notOfTheHead }: Pick<BodyOptions, "has"> = {},
): TrainableModel {
  const head = new Map([...model.parameters()].filter(([key]) => !has(key)));
  return {
    forward: (images) => model.forward(images, { training: false }),
    parameters: () => head,
    buffers: () => model.buffers(),
    stateDict: () => model.stateDict(),
    loadStateDict: (state, options) => model.loadStateDict(state, options),
  };
}
