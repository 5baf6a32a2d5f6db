import { CslError } from "@csl/internal/errors/csl-error";
import type { KeptScores } from "./kept-scores.js";

/** Scores of several runs over the same images and classes. */
export interface JoinedScores {
  classes: { ids: string[]; names: string[] };
  images: string[];
  labels: Int8Array;
  /** Of each run, [images * classes]. */
  scores: Float32Array[];
  groups: string[] | undefined;
  /** What only some of the runs have, in words. */
  notes: string[];
}

/**
 * Brings scores into one order: classes by their ids, images by their names, of those that all runs have.
 *
 * @param runs with the name of each, for errors
 * @throws CslError `mismatch` where they share no class or no image, or say different things of an image's labels.
 */
export function joinScores(
  speaker: string,
  runs: readonly { name: string; kept: KeptScores }[],
): JoinedScores {
  const [first, ...others] = runs as [{ name: string; kept: KeptScores }];
  const classIndex = runs.map(({ kept }) => positions(kept.classes.ids));
  const imageIndex = runs.map(({ kept }) => positions(kept.images));
  const ids = first.kept.classes.ids.filter((id) => classIndex.every((of) => of.has(id)));
  const images = first.kept.images.filter((name) => imageIndex.every((of) => of.has(name)));
  for (const [what, shared, all] of [
    ["class", ids, (kept: KeptScores) => kept.classes.ids],
    ["image", images, (kept: KeptScores) => kept.images],
  ] as const)
    if (shared.length === 0)
      throw new CslError(
        "mismatch",
        `${speaker}: expected runs with the same ${what === "class" ? "classes" : "images"}, got no ${what} that all have: ` +
          `${runs.map(({ name, kept }) => `${name} has ${all(kept).slice(0, 2).join(", ")}, …`).join("; ")}. ` +
          "Models can be compared on the same images and classes only.",
      );
  const joined = runs.map(({ kept }, r) => reorder(kept, { ids, images }, classIndex[r]!, imageIndex[r]!));
  others.forEach(({ name }, i) => {
    const at = joined[i + 1]!.labels.findIndex((label, entry) => label !== joined[0]!.labels[entry]);
    if (at < 0) return;
    const [image, id] = [images[Math.floor(at / ids.length)], ids[at % ids.length]];
    throw new CslError(
      "mismatch",
      `${speaker}: expected scores with the same labels, got different ones of class ${id} in ${image}: ` +
        `${joined[0]!.labels[at]} in ${first.name}, ${joined[i + 1]!.labels[at]} in ${name}. Pass --data, so that all are scored again.`,
    );
  });
  const { groups, classes } = first.kept;
  const place = (id: string): number => classIndex[0]!.get(id)!;
  const left = (count: number, what: string): string[] =>
    count === 0 ? [] : [`${count} ${what} that not all runs have are left out`];
  return {
    classes: { ids, names: ids.map((id) => classes.names[place(id)]!) },
    ...{ images, labels: joined[0]!.labels, scores: joined.map(({ scores }) => scores) },
    groups: groups && ids.map((id) => groups[place(id)]!),
    notes: [
      ...left(unionSize(classIndex) - ids.length, "classes"),
      ...left(unionSize(imageIndex) - images.length, "images"),
    ],
  };
}

function positions(texts: readonly string[]): Map<string, number> {
  return new Map(texts.map((text, i) => [text, i]));
}

function unionSize(indices: readonly Map<string, number>[]): number {
  return new Set(indices.flatMap((index) => [...index.keys()])).size;
}

function reorder(
  { scores, labels, classes }: KeptScores,
  { ids, images }: { ids: readonly string[]; images: readonly string[] },
  classIndex: ReadonlyMap<string, number>,
  imageIndex: ReadonlyMap<string, number>,
): { scores: Float32Array; labels: Int8Array } {
  const columns = ids.map((id) => classIndex.get(id)!);
  const out = {
    scores: new Float32Array(images.length * ids.length),
    labels: new Int8Array(images.length * ids.length),
  };
  images.forEach((image, row) => {
    const from = imageIndex.get(image)! * classes.ids.length;
    columns.forEach((column, c) => {
      out.scores[row * ids.length + c] = scores[from + column]!;
      out.labels[row * ids.length + c] = labels[from + column]!;
    });
  });
  return out;
}
