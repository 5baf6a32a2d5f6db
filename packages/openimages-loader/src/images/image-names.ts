import { CslError } from "@csl/internal/errors/csl-error";
import type { ImageId } from "./image-id.js";

/** File names by position, made when asked for: nine million texts would take most of a gigabyte. */
export interface ImageNames extends Iterable<string> {
  readonly length: number;
  at(position: number): string;
}

export type ImageLayout = "flat" | "prefix-1" | "prefix-2" | "train" | "validation" | "test";

/**
 * Where images lie below their folder: `flat` id.jpg · `prefix-1`, `prefix-2` in 16 or 256 folders named by the
 * first digits · `train`, `validation`, `test` in the split's folder, as the public bucket has them.
 */
const imageLayouts: Readonly<Record<ImageLayout, (id: ImageId) => string>> = {
  flat: (id) => `${id}.jpg`,
  "prefix-1": (id) => `${id.slice(0, 1)}/${id}.jpg`,
  "prefix-2": (id) => `${id.slice(0, 2)}/${id}.jpg`,
  train: (id) => `train/${id}.jpg`,
  validation: (id) => `validation/${id}.jpg`,
  test: (id) => `test/${id}.jpg`,
};

/** The names of the images with these ids, in a known layout or one of your own. */
export function imageNames(
  ids: { readonly length: number; at(position: number): string | undefined },
  layout: ImageLayout | ((id: ImageId) => string),
): ImageNames {
  const nameOf = typeof layout === "function" ? layout : imageLayouts[layout];
  if (!nameOf) {
    throw new CslError(
      "invalid-argument",
      `imageNames: expected a layout of ${Object.keys(imageLayouts).join(", ")}, got ${String(layout)}.`,
    );
  }
  return imageNamesFrom(ids.length, (position) => nameOf(ids.at(position)!));
}

/** Names from a function of the position. */
export function imageNamesFrom(length: number, nameOf: (position: number) => string): ImageNames {
  const at = (position: number): string => {
    if (!(position >= 0 && position < length)) {
      throw new CslError(
        "invalid-argument",
        `ImageNames: expected a position below ${length}, got ${position}.`,
      );
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
