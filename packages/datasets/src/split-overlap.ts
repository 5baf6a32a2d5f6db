import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { FileRanges, type ImageList, type ImageSource } from "@csl/image-batches";
import { plainPath } from "@csl/internal/text/plain-path";
import type { Split, SplitImages } from "./dataset.js";

/** What of a split the comparison reads. */
export type OverlapSplit = Pick<Split, "name" | "truth" | "fileNames" | "roots" | "globalIds"> &
  Partial<Pick<Split, "images">>;

export interface SplitOverlap {
  /** Samples of the second split that are in the first as well. */
  count: number;
  /** … because their ids are equal, and ids are global (OpenImages). */
  byId: number;
  /** … because their images are one file, or one part of a shard. */
  byPath: number;
  /** … because an image of the same name in the first split has the same bytes. */
  byContent: number;
  /** Images of the second split whose name is that of another image of the first. */
  sameNames: number;
  /** Ids or names of the first few. */
  examples: string[];
}

/**
 * Images that are in both splits. Where ids are global (OpenImages), equal ids are the same image. Else the images
 * themselves decide: the same file, through links as well, or the same bytes under the same file name; equal names and
 * ids alone mean nothing, since files may be numbered from 1 in every split. Where images cannot be found, paths decide.
 */
export async function splitOverlap(train: OverlapSplit, validation: OverlapSplit): Promise<SplitOverlap> {
  if (validation.globalIds) return overlapById(train, validation);
  const images = await bothImages(train, validation);
  return images ? overlapOfImages(...images) : overlapByPath(train, validation);
}

const none = (): SplitOverlap => ({ count: 0, byId: 0, byPath: 0, byContent: 0, sameNames: 0, examples: [] });

function note(overlap: SplitOverlap, why: "byId" | "byPath" | "byContent", example: string): void {
  overlap.count++;
  overlap[why]++;
  if (overlap.examples.length < 5) overlap.examples.push(example);
}

function overlapById(train: OverlapSplit, validation: OverlapSplit): SplitOverlap {
  const overlap = none();
  for (const id of validation.truth.sampleIds)
    if (train.truth.sampleIds.indexOf(id) >= 0) note(overlap, "byId", id);
  return overlap;
}

/** Undefined where a split has none; whoever needs them reports that. */
async function bothImages(
  train: OverlapSplit,
  validation: OverlapSplit,
): Promise<[SplitImages, SplitImages] | undefined> {
  if (!train.images || !validation.images) return undefined;
  try {
    return [await train.images(), await validation.images()];
  } catch {
    return undefined;
  }
}

/** By the paths that the label files give. */
function overlapByPath(train: OverlapSplit, validation: OverlapSplit): SplitOverlap {
  const overlap = none();
  const path = ({ roots, fileNames }: OverlapSplit, i: number): string =>
    join(roots.join("\n"), plainPath(fileNames.at(i) ?? "")).normalize("NFC");
  const paths = new Set<string>();
  const names = new Set<string>();
  for (let i = 0; i < train.fileNames.length; i++) {
    paths.add(path(train, i));
    names.add(nameOf(train.fileNames.at(i) ?? ""));
  }
  for (let i = 0; i < validation.fileNames.length; i++) {
    if (paths.has(path(validation, i))) note(overlap, "byPath", validation.truth.sampleIds.at(i));
    else if (names.has(nameOf(validation.fileNames.at(i) ?? ""))) overlap.sameNames++;
  }
  return overlap;
}

const nameOf = (path: string): string => basename(path.replaceAll("\\", "/")).normalize("NFC");

async function overlapOfImages(train: SplitImages, validation: SplitImages): Promise<SplitOverlap> {
  const overlap = none();
  const [identity, ofTrain] = [await validation.identify(), await train.identify()];
  const names = new Map<string, number[]>();
  const identities = new Map<string, number>();
  const { list } = validation;
  for (let i = 0; i < list.length; i++) {
    identities.set(identity(i), i);
    const name = nameOf(list.nameAt(i));
    names.set(name, [...(names.get(name) ?? []), i]);
  }
  const shared = new Set<number>();
  /** Pairs of equal names, by the position in the validation split. */
  const alike = new Map<number, number[]>();
  for (let i = 0; i < train.list.length; i++) {
    const same = identities.get(ofTrain(i));
    if (same !== undefined) shared.add(same);
    for (const other of names.get(nameOf(train.list.nameAt(i))) ?? [])
      if (other !== same) alike.set(other, [...(alike.get(other) ?? []), i]);
  }
  for (const i of shared) note(overlap, "byPath", list.nameAt(i));
  const compare = imageComparer(list, train.list);
  for (const [i, others] of alike) {
    if (shared.has(i)) continue;
    const isCopy = await firstTrue(others, (other) => compare(i, other));
    if (isCopy) note(overlap, "byContent", list.nameAt(i));
    else overlap.sameNames++;
  }
  return overlap;
}

async function firstTrue<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<boolean> {
  for (const item of items) if (await test(item)) return true;
  return false;
}

/** Compares images of two lists: their sizes, and where these are equal their bytes. */
function imageComparer(
  first: ImageList,
  second: ImageList,
): (firstPosition: number, secondPosition: number) => Promise<boolean> {
  const sizeOf = async (source: ImageSource): Promise<number> =>
    typeof source === "string" ? (await stat(source)).size : source.length;
  return async (i, j) => {
    const sources = [first.at(i), second.at(j)] as const;
    const [a, b] = await Promise.all(sources.map(sizeOf));
    if (a !== b) return false;
    const ranges = new FileRanges(2);
    try {
      const [one, other] = await Promise.all(
        sources.map((source) => (typeof source === "string" ? readFile(source) : ranges.read(source))),
      );
      return Buffer.compare(one!, other!) === 0;
    } finally {
      ranges.close();
    }
  };
}
