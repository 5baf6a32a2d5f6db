import { countNote } from "./split-files.js";

/** What became of ids of images that are another one's image, or stand for several. */
export function identityNotes(
  { sameImages, unclearImages }: { sameImages: number; unclearImages: number },
  examples: { sameImages: readonly string[]; unclearImages: readonly string[] },
): string[] {
  return [
    ...countNote(
      sameImages,
      `ids name an image that has another id as well; the labels are merged (first: ${examples.sameImages[0]})`,
    ),
    ...countNote(
      unclearImages,
      `ids are left out, because they stand for several images (first: ${examples.unclearImages[0]})`,
    ),
  ];
}
