import { Label } from "@csl/labels";
import type { Batch } from "@csl/trainer";
import type { Pixels } from "../pages/thumbnail.js";
import { ConfusedClasses } from "./confused-classes.js";
import { LikeliestEntries } from "./likeliest-entries.js";
import { ScoreHistogram } from "./score-histogram.js";
import { shrinkImage } from "./shrink-image.js";

/** What a gallery shows, in this order. */
export const galleryKinds = ["hits", "misses", "falseAlarms", "surprises"] as const;
export type GalleryKind = (typeof galleryKinds)[number];

/** Entries of each kind in a gallery. */
const SHOWN = 12;

/** Gathers what a report shows of a validation, while its batches pass: sums and the few images worth looking at. */
export class ScoredImages {
  readonly histogram: ScoreHistogram;
  readonly confused: ConfusedClasses;
  readonly gallery: Record<GalleryKind, LikeliestEntries> = {
    hits: new LikeliestEntries({ capacity: SHOWN, order: "highest" }),
    misses: new LikeliestEntries({ capacity: SHOWN, order: "lowest" }),
    falseAlarms: new LikeliestEntries({ capacity: SHOWN, order: "highest" }),
    surprises: new LikeliestEntries({ capacity: SHOWN, order: "highest" }),
  };
  images = 0;

  constructor(numClasses: number) {
    this.histogram = new ScoreHistogram(numClasses);
    this.confused = new ConfusedClasses(numClasses);
  }

  /** @param logits [batch.size, classes] */
  add(batch: Batch, logits: Float32Array): void {
    const { histogram, confused, gallery } = this;
    const { labels, size, samples } = batch;
    const numClasses = logits.length / size;
    const { hits, misses, falseAlarms, surprises } = gallery;
    for (let row = 0; row < size; row++) {
      const start = row * numClasses;
      const sample = samples?.[row] ?? this.images + row;
      let small: Pixels | undefined;
      const pixels = (): Pixels => (small ??= shrinkImage(batch, row));
      for (let c = 0; c < numClasses; c++) {
        const logit = logits[start + c]!;
        const label = labels[start + c]!;
        if (label === Label.Unannotated) {
          surprises.offer(logit, c, sample, pixels);
          if (logit > 0) confused.found(c, logit, false);
        } else if (label === Label.Positive) {
          histogram.add(c, logit, true);
          hits.offer(logit, c, sample, pixels);
          misses.offer(logit, c, sample, pixels);
          confused.present(c);
        } else {
          histogram.add(c, logit, false);
          falseAlarms.offer(logit, c, sample, pixels);
          if (logit > 0) confused.found(c, logit, true);
        }
      }
      confused.endImage((c) => logits[start + c]!);
    }
    this.images += size;
  }
}
