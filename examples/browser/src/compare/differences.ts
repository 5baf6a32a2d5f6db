import type { SessionImage } from "../session.js";
import { sigmoid } from "../tag/pick-tags.js";

/** What the models say about a class in an image. */
export interface ClassComparison {
  id: string;
  name: string;
  /** In the order of the models. */
  scores: number[];
  /** Some models call it present and some absent. */
  differs: boolean;
  /** Whether the image shows it, where that is known. */
  shown?: boolean;
}

/** All classes, those that the models disagree about first, then by the first model's score. */
export function compareClasses(
  { logits, shows }: SessionImage,
  classes: readonly { id: string; name: string }[],
  cut: number,
): ClassComparison[] {
  const rows = classes.map(({ id, name }, i): ClassComparison => {
    const scores = [...logits.values()].map((row) => sigmoid(row[i]!));
    const present = scores.filter((score) => score > cut).length;
    return {
      id,
      name,
      scores,
      differs: present > 0 && present < scores.length,
      ...(shows && { shown: shows.has(id) }),
    };
  });
  return rows.sort((a, b) => Number(b.differs) - Number(a.differs) || b.scores[0]! - a.scores[0]!);
}

/** What the models make of all images whose classes are known. */
export interface Tally {
  images: number;
  /** Classes that the images show. */
  shown: number;
  /** Per model: how many of these it calls present, and how many others. */
  models: { found: number; wrong: number }[];
}

export function tallyOf(
  images: readonly SessionImage[],
  classes: readonly { id: string; name: string }[],
  cut: number,
): Tally {
  const tally: Tally = { images: 0, shown: 0, models: [] };
  for (const image of images) {
    if (!image.shows) continue;
    tally.images++;
    for (const { scores, shown } of compareClasses(image, classes, cut)) {
      if (shown) tally.shown++;
      for (const [i, score] of scores.entries()) {
        tally.models[i] ??= { found: 0, wrong: 0 };
        if (score > cut) tally.models[i][shown ? "found" : "wrong"]++;
      }
    }
  }
  return tally;
}
