import type { ImageId } from "./image-id.js";

/** File names by position, made when asked for: nine million texts would take most of a gigabyte. */
export interface PictureNames extends Iterable<string> {
  readonly length: number;
  at(position: number): string;
}

export type PictureLayout = "flat" | "prefix-1" | "prefix-2" | "train" | "validation" | "test";

/**
 * Where pictures lie below their folder: `flat` id.jpg · `prefix-1`, `prefix-2` in 16 or 256 folders named by the
 * first digits · `train`, `validation`, `test` in the split's folder, as the public bucket has them.
 */
const pictureLayouts: Readonly<Record<PictureLayout, (id: ImageId) => string>> = {
  flat: (id) => `${id}.jpg`,
  "prefix-1": (id) => `${id.slice(0, 1)}/${id}.jpg`,
  "prefix-2": (id) => `${id.slice(0, 2)}/${id}.jpg`,
  train: (id) => `train/${id}.jpg`,
  validation: (id) => `validation/${id}.jpg`,
  test: (id) => `test/${id}.jpg`,
};

/** The names of the pictures with these ids, in a known layout or one of your own. */
export function pictureNames(
  ids: { readonly length: number; at(position: number): string | undefined },
  layout: PictureLayout | ((id: ImageId) => string),
): PictureNames {
  const nameOf = typeof layout === "function" ? layout : pictureLayouts[layout];
  if (!nameOf) {
    throw new Error(
      `pictureNames: expected a layout of ${Object.keys(pictureLayouts).join(", ")}, got ${String(layout)}.`,
    );
  }
  return namesBy(ids.length, (position) => nameOf(ids.at(position)!));
}

/** Names from a function of the position. */
export function namesBy(length: number, nameOf: (position: number) => string): PictureNames {
  const at = (position: number): string => {
    if (!(position >= 0 && position < length)) {
      throw new RangeError(`PictureNames: expected a position below ${length}, got ${position}.`);
    }
    return nameOf(position);
  };
  return {
    length,
    at,
    *[Symbol.iterator]() {
      for (let position = 0; position < length; position++) yield at(position);
    },
  };
}
