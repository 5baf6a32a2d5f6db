import { decodeImage, type ImageSource } from "@csl/image-batches";
import { mapInOrder } from "@csl/internal/work/job-queue";
import { pathOrBytes } from "../../data/path-or-bytes.js";
import { thumbnail } from "../../pages/thumbnail.js";
import type { ReviewItem } from "./review-item.js";

/** Longest side of an image on the page. */
const SIDE = 256;
/** Characters of all images: a page of twice as many is more than a text of Node's can hold. */
const MOST_CHARACTERS = 200e6;
const AT_A_TIME = 4;

export interface PageImages {
  /** Questions whose image is there, in their order. */
  items: ReviewItem[];
  /** Each image once, as the address of an `<img>`. */
  images: string[];
  /** Position in `images` by name. */
  numbers: ReadonlyMap<string, number>;
  /** Images that cannot be read any more. */
  unreadable: number;
  /** Questions for whose images there is no room. */
  leftOut: number;
}

/** The images that questions are about, in the order in which they come up. */
export async function pageImages(
  items: readonly ReviewItem[],
  {
    imageOf,
    onProgress,
    signal,
    mostCharacters = MOST_CHARACTERS,
  }: {
    imageOf: (image: string) => ImageSource;
    onProgress?: (done: number, total: number) => void;
    signal?: AbortSignal;
    mostCharacters?: number;
  },
): Promise<PageImages> {
  const names = [...new Set(items.map(({ image }) => image))];
  const drawn = mapInOrder(0, names.length, AT_A_TIME, async (i) => {
    const source = await pathOrBytes(imageOf(names[i]!), "csl review").catch(() => undefined);
    const pixels = source === undefined ? undefined : await decodeImage(source).catch(() => undefined);
    return pixels && thumbnail(pixels, SIDE);
  });
  const numbers = new Map<string, number>();
  const images: string[] = [];
  const missing = new Set<string>();
  let characters = 0;
  for await (const [position, image] of drawn) {
    signal?.throwIfAborted();
    if (image === undefined) missing.add(names[position]!);
    else if (characters + image.length > mostCharacters) break;
    else {
      numbers.set(names[position]!, images.length);
      images.push(image);
      characters += image.length;
    }
    onProgress?.(position + 1, names.length);
  }
  const shown = items.filter(({ image }) => numbers.has(image));
  const gone = items.filter(({ image }) => missing.has(image)).length;
  return {
    ...{ items: shown, images, numbers },
    ...{ unreadable: missing.size, leftOut: items.length - shown.length - gone },
  };
}
