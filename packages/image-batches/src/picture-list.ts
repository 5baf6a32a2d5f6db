/** A picture that is part of a larger file, e.g. of a tar: `length` bytes from `offset` on. */
export type ByteRange = { file: string; offset: number; length: number };

/** Where a picture is: the path of its file, or a range of one. */
export type Picture = string | ByteRange;

/**
 * Pictures by position. It answers one position at a time, so that millions of pictures need no object each: a list
 * may compute a path, or look a range up in packed arrays.
 */
export type PictureList = {
  readonly length: number;
  at(position: number): Picture;
  /** What a report calls the picture. */
  nameOf(position: number): string;
};

/** A list as it is, or an array of paths as a list. */
export function pictureListOf(pictures: readonly string[] | PictureList): PictureList {
  if ("nameOf" in pictures) return pictures;
  return {
    length: pictures.length,
    at: (position) => pictures[position]!,
    nameOf: (position) => pictures[position]!,
  };
}
