import { Label } from "@csl/labels";
import type { Batch } from "@csl/trainer";
import type { Pixels } from "../pages/thumbnail.js";
import { ConfusedClasses } from "./confused-classes.js";
import { LikeliestEntries } from "./likeliest-entries.js";
import { ScoreHistogram } from "./score-histogram.js";
import { shrinkImage } from "./shrink-image.js";

// Bound here because the engine folds constants of a module into its loops, but not those it imports.
const { Positive, Unannotated } = Label;

/** What a gallery shows, in this order. */
export const galleryKinds = ["hits", "misses", "falseAlarms", "surprises"] as const;
export type GalleryKind = (typeof galleryKinds)[number];

/** Entries of each kind in a gallery. */
const SHOWN = 10;

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
    const { hits, misses, falseAlarms, surprises } = gallery;
    const numClasses = logits.length / size;
    for (let row = 0, at = 0; row < size; row++) {
      const sample = samples?.[row] ?? this.images + row;
      // Of most entries nothing is kept but a count: one comparison each, and a count where they are annotated.
      let unannotatedFloor = Math.min(surprises.floor, confused.floor);
      let negativeFloor = Math.min(falseAlarms.floor, confused.floor);
      for (let c = 0; c < numClasses; c++, at++) {
        const logit = logits[at]!;
        const label = labels[at]!;
        if (label === Unannotated) {
          if (!(logit > unannotatedFloor)) continue;
          if (logit > surprises.floor) surprises.offer(logit, c, sample, row);
          if (logit > confused.floor) confused.found(c, logit, false);
        } else if (label === Positive) {
          histogram.add(c, logit, true);
          confused.present(c);
          if (logit > hits.floor) hits.offer(logit, c, sample, row);
          if (-logit > misses.floor) misses.offer(logit, c, sample, row);
          continue;
        } else {
          histogram.add(c, logit, false);
          if (!(logit > negativeFloor)) continue;
          if (logit > falseAlarms.floor) falseAlarms.offer(logit, c, sample, row);
          if (logit > confused.floor) confused.found(c, logit, true);
        }
        unannotatedFloor = Math.min(surprises.floor, confused.floor);
        negativeFloor = Math.min(falseAlarms.floor, confused.floor);
      }
      confused.endImage(logits, at - numClasses);
    }
    const small = new Map<number, Pixels>();
    const pixelsOf = (row: number): Pixels => {
      const pixels = small.get(row) ?? shrinkImage(batch, row);
      small.set(row, pixels);
      return pixels;
    };
    for (const kind of galleryKinds) gallery[kind].endBatch(pixelsOf);
    this.images += size;
  }
}
