import type { Split } from "@csl/datasets";

interface NewLabels {
  split: Pick<Split, "areas" | "frequency" | "globalIds">;
  /** Samples without an image. */
  missing: number;
  inShards: boolean;
  out: string;
}

/** What the data say and new labels do not: they are label files of one's own, whatever kind the data are. */
export function formNotes({ split, missing, inShards, out }: NewLabels): string[] {
  const lost = [
    [
      split.areas,
      "new labels say which classes are in an image, not where: boxes and masks are left out, and --simulate-partial-type largest-object needs them",
    ],
    [
      split.frequency,
      "new labels have no groups of classes (r, c, f): what is trained on them has no mAP by group",
    ],
    [
      split.globalIds,
      "new labels have no sources and confidences: they hold what the flags of this command made of the files (--machine-labels, --expand-hierarchy, …)",
    ],
    [missing > 0, `${missing} samples without an image are left out of the new labels`],
    [inShards, `images are in shards: give --images with --data ${out}, as now`],
  ] as const;
  return lost.filter(([is]) => is).map(([, note]) => note);
}
