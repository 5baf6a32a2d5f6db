import { basename } from "node:path";
import { selectAreas } from "@csl/coco-simulation";
import { CslError } from "@csl/internal/errors/csl-error";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { findInRoots, type SplitImagesOptions } from "../images/split-images.js";
import type { SplitFiles } from "../kinds/split-files.js";
import { copiesOf } from "./copies.js";

/** Positions of the training samples that remain, and of those that are the validation split, ascending. */
export interface HeldOut {
  train: Uint32Array;
  val: Uint32Array;
  /** Samples that are a copy of another one. */
  copies: number;
}

/**
 * Draws a share of the training samples as the validation split. Copies of an image stay together: the same file, the
 * same bytes, and what Roboflow made of one image (`cat_jpg.rf.0123….jpg`).
 *
 * @throws CslError `mismatch` when there are not two different images.
 */
export async function holdOut(
  files: SplitFiles,
  { share, seed }: { share: number; seed: number },
  options: SplitImagesOptions,
): Promise<HeldOut> {
  const { truth, fileNames, globalIds } = files.labels;
  const total = truth.numSamples;
  const groupOf = new Groups(total);
  // Global ids (OpenImages) say by themselves which images are the same.
  if (!globalIds) {
    const sources = new Map<string, number>();
    for (let i = 0; i < total; i++) {
      const source = sourceName(fileNames.at(i) ?? "");
      if (source !== undefined) groupOf.join(sources.get(source) ?? i, i);
      if (source !== undefined && !sources.has(source)) sources.set(source, i);
    }
    const images = await findInRoots("train", files, options);
    if ("found" in images) {
      const show = options.progress("compare images");
      const identity = await images.identify();
      const first = new Map<string, number>();
      for (let i = 0; i < images.images.length; i++) {
        const key = identity(i);
        groupOf.join(images.found[first.get(key) ?? i]!, images.found[i]!);
        if (!first.has(key)) first.set(key, i);
      }
      const copies = await copiesOf(images.images, {
        signal: options.signal,
        onProgress: (done) => show(done, images.images.length),
      });
      for (const [one, ...others] of copies)
        for (const other of others) groupOf.join(images.found[one!]!, images.found[other]!);
    }
  }
  const groups = groupOf.all();
  if (groups.length < 2)
    throw new CslError(
      "mismatch",
      `${options.wording.speaker}: expected at least two different images for ${options.wording.optionName("valShare")}, got ${groups.length} among ${total} samples.`,
    );
  const isVal = draw(groups, { wanted: Math.round(share * total), seed, total });
  const positions = (value: 0 | 1): Uint32Array =>
    Uint32Array.from(isVal.keys()).filter((i) => isVal[i] === value);
  return { train: positions(0), val: positions(1), copies: total - groups.length };
}

/** The files of a part of the samples. */
export function partOf(files: SplitFiles, samples: Uint32Array): SplitFiles {
  const { truth, fileNames, areas } = files.labels;
  const labels = {
    ...files.labels,
    truth: truth.select(samples),
    fileNames: {
      length: samples.length,
      at: (i: number) => (samples[i] === undefined ? undefined : fileNames.at(samples[i])),
    },
    ...(areas && { areas: selectAreas(truth, areas, samples) }),
  };
  return { ...files, labels };
}

/** 1 for samples of groups that are drawn, one after the other, as long as they fit into what is wanted. */
function draw(
  groups: readonly (readonly number[])[],
  { wanted, seed, total }: { wanted: number; seed: number; total: number },
): Uint8Array {
  const isVal = new Uint8Array(total);
  const order = Array.from(shuffledIndices(groups.length, mulberry32(seed)), (i) => groups[i]!);
  let left = Math.min(Math.max(1, wanted), total - 1);
  let drawn = 0;
  for (const group of order) {
    if (group.length > left || drawn === groups.length - 1) continue;
    for (const sample of group) isVal[sample] = 1;
    left -= group.length;
    drawn++;
  }
  // Every group is larger than what is wanted: the smallest.
  if (drawn === 0)
    for (const sample of order.reduce((a, b) => (b.length < a.length ? b : a))) isVal[sample] = 1;
  return isVal;
}

/** The image that Roboflow made this one of, by its name. */
const sourceName = (path: string): string | undefined =>
  /^(.+)\.rf\.[0-9A-Za-z]{8,}\.\w+$/.exec(basename(path))?.[1];

/** Samples that belong together. */
class Groups {
  readonly #parent: Uint32Array;

  constructor(length: number) {
    this.#parent = Uint32Array.from({ length }, (_, i) => i);
  }

  join(a: number, b: number): void {
    const [first, second] = [this.#root(a), this.#root(b)];
    this.#parent[Math.max(first, second)] = Math.min(first, second);
  }

  /** In the order of their first samples. */
  all(): number[][] {
    const groups = new Map<number, number[]>();
    for (let i = 0; i < this.#parent.length; i++) {
      const root = this.#root(i);
      const group = groups.get(root);
      if (group) group.push(i);
      else groups.set(root, [i]);
    }
    return [...groups.values()];
  }

  #root(i: number): number {
    let root = i;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    this.#parent[i] = root;
    return root;
  }
}
