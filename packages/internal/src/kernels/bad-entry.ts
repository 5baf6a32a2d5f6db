import { CslError } from "../errors/csl-error.js";

/** "[row, class]" of a flat index into a batch. */
export const batchPlace = (index: number, classes: number): string =>
  `[${Math.floor(index / classes)}, ${index % classes}]`;

/** What every form of the loss says of a label that is none. */
export function notALabel(speaker: string, label: number, place: string): CslError {
  return new CslError(
    "invalid-argument",
    `${speaker}: expected labels 1 (positive), 0 (negative) or -1 (un-annotated), got ${label} at ${place}. Soft labels are not supported.`,
  );
}

/** What every form of the loss says of a logit that is not finite. */
export function notFinite(speaker: string, logit: number, place: string): CslError {
  return new CslError(
    "not-finite",
    `${speaker}: expected finite logits, got ${logit} at ${place}. Lower the learning rate, or look for broken images or weights.`,
  );
}
