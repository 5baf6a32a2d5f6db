import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import type { DescribedClass, ModelDescription } from "@csl/internal/model-description/model-description";

/** What is known of a model besides its tensors. */
export interface ModelFacts {
  /** Side of the square that images are resized to: that of the training. A multiple of 4, at least 20. */
  imageSize: number;
  /** In the order of the outputs. A threshold is a score above which the class is a tag. */
  classes: readonly { id: string; name: string; threshold?: number | null }[];
  /** Name of the network, e.g. "tresnet_m". */
  network?: string;
  /** A score is sigmoid(logit / temperature). Default 1. */
  temperature?: number;
  /** The model card, Markdown. */
  card?: string;
}

/** @throws CslError `invalid-argument`, `unknown-option`; `mismatch` for another number of classes */
export function checkFacts(speaker: string, facts: ModelFacts, numClasses: number): void {
  const of = `${speaker}: facts`;
  checkOptions(of, facts, {
    ...{ imageSize: true, classes: true, network: true, temperature: true, card: true },
  });
  const { imageSize, classes, temperature = 1 } = facts;
  if (!(Number.isSafeInteger(imageSize) && imageSize >= 20 && imageSize % 4 === 0))
    throw new CslError(
      "invalid-argument",
      `${of}: expected imageSize to be a multiple of 4 of at least 20, got ${imageSize}.`,
    );
  checkRange(of, "temperature", temperature, { above: 0 });
  if (classes.length !== numClasses)
    throw new CslError(
      "mismatch",
      `${of}: expected a class for each of ${numClasses} outputs, got ${classes.length}.`,
    );
  for (const { id, threshold = null } of classes)
    if (threshold !== null) checkRange(of, `the threshold of ${id}`, threshold, { from: 0, to: 1 });
}

/** What is written into the file. */
export function describe(facts: ModelFacts, preprocessing: boolean): ModelDescription {
  const { network = "tresnet", imageSize, temperature = 1, card = "" } = facts;
  const classes = facts.classes.map(
    ({ id, name, threshold = null }): DescribedClass => ({ id, name, threshold }),
  );
  return { format: 1, network, imageSize, preprocessing, classes, temperature, card };
}
