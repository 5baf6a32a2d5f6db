import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Best } from "@csl/checkpoints";
import { classStatistics, type LabelTable } from "@csl/labels";
import type { TrainEvent } from "@csl/trainer";
import { writeWhole } from "../../files/write-json.js";
import { type CardFacts, type CardImages, modelCard } from "./model-card.js";
import { type LoggedValidation, loggedValidations } from "./run-records.js";

export const cardName = "MODEL_CARD.md";

/** Counts for the card. @param labels SHA-256 of the table. */
export function cardImages(table: LabelTable, images: number, labels: string): CardImages {
  const { positives, negatives, unannotated } = classStatistics(table);
  const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0);
  return {
    images,
    labels,
    positives: sum(positives),
    negatives: sum(negatives),
    unannotated: sum(unannotated),
  };
}

/**
 * Writes MODEL_CARD.md after each checkpoint, by the events of a run. A run that continues has its earlier validations
 * from the log.
 */
export function modelCardWriter(
  folder: string,
  facts: Omit<CardFacts, "epochsDone" | "best" | "validation">,
): (event: TrainEvent) => Promise<void> {
  const validations = new Map<number, LoggedValidation>();
  let epochsDone = 0;
  let best: Best | undefined;
  return async (event) => {
    switch (event.type) {
      case "start":
        // By steps: a run that was stopped before a validation has trained that epoch to its end.
        epochsDone = Math.floor((event.step * event.epochs) / event.steps);
        if (event.resumed)
          for (const logged of await loggedValidations(join(folder, "log.jsonl")).catch(() => [])) {
            validations.set(logged.epoch, logged);
            best = betterOf(best, logged);
          }
        break;
      case "epoch":
        epochsDone = event.epoch + 1;
        break;
      case "validation":
        validations.set(event.epoch, event);
        best = event.best ?? best;
        break;
      case "checkpoint":
      case "end": {
        // A run that is continued from elsewhere may be without the best weights of before.
        const kept = existsSync(join(folder, "best.safetensors")) ? best : undefined;
        const validation = kept && validations.get(kept.epoch);
        await writeWhole(join(folder, cardName), modelCard({ ...facts, epochsDone, best: kept, validation }));
        break;
      }
      default:
    }
  };
}

/** As the trainer chooses: the highest mAP(C), the earlier one of equals. */
function betterOf(best: Best | undefined, { epoch, raw, ema }: LoggedValidation): Best | undefined {
  let chosen = best;
  for (const [weights, scores] of [
    ["raw", raw],
    ["ema", ema],
  ] as const) {
    const { mapC: score } = (scores ?? {}) as { mapC?: number };
    if (typeof score === "number" && score > (chosen?.score ?? -1)) chosen = { score, weights, epoch };
  }
  return chosen;
}
