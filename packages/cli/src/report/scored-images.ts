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
    const numClasses = logits.length / size;
    const { hits, misses, falseAlarms, surprises } = gallery;
    for (let row = 0; row < size; row++) {
      const start = row * numClasses;
      const sample = samples?.[row] ?? this.images + row;
      for (let c = 0; c < numClasses; c++) {
        const logit = logits[start + c]!;
        const label = labels[start + c]!;
        if (label === Unannotated) {
          if (logit > surprises.floor) surprises.offer(logit, c, sample, row);
          if (logit > confused.floor) confused.found(c, logit, false);
        } else if (label === Positive) {
          histogram.add(c, logit, true);
          if (logit > hits.floor) hits.offer(logit, c, sample, row);
          if (-logit > misses.floor) misses.offer(logit, c, sample, row);
          confused.present(c);
        } else {
          histogram.add(c, logit, false);
          if (logit > falseAlarms.floor) falseAlarms.offer(logit, c, sample, row);
          if (logit > confused.floor) confused.found(c, logit, true);
        }
      }
      confused.endImage((c) => logits[start + c]!);
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
