import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ReadBlocksOptions } from "@csl/internal/files/read-blocks";
import { csvRows } from "../csv-rows.js";
import { type ImageId, parseImageId } from "./image-id.js";

/** One row of an image list (`…-images-with-labels-with-rotation.csv`). Empty fields are left out. */
export interface ImageInfo {
  readonly id: ImageId;
  readonly subset?: string;
  readonly originalUrl?: string;
  readonly landingUrl?: string;
  readonly license?: string;
  readonly authorProfileUrl?: string;
  readonly author?: string;
  readonly title?: string;
  /** Bytes of the original, which is larger than the image in the public bucket. */
  readonly originalSize?: number;
  /** Of the original, base64. */
  readonly originalMd5?: string;
  readonly thumbnailUrl?: string;
  /** Degrees counter-clockwise by which the image has to be turned: 0, 90, 180, 270. */
  readonly rotation?: number;
}

export interface ImageListOptions extends ReadBlocksOptions {
  /** Called for a row that is left out; without it such a row is an error. */
  onProblem?: (problem: { line: number; reason: string }) => void;
}

const columns: Readonly<Record<string, keyof ImageInfo>> = {
  imageid: "id",
  subset: "subset",
  originalurl: "originalUrl",
  originallandingurl: "landingUrl",
  license: "license",
  authorprofileurl: "authorProfileUrl",
  author: "author",
  title: "title",
  originalsize: "originalSize",
  originalmd5: "originalMd5",
  thumbnail300kurl: "thumbnailUrl",
  rotation: "rotation",
};

/**
 * The rows of an image list one by one, plain or gzipped. Titles and authors hold commas, quotes and any script.
 *
 * @throws CslError `not-found`; `invalid-file` for a file without an ImageID column, and for bad rows unless `onProblem` takes them.
 */
export async function* scanImageList(
  path: string,
  options: ImageListOptions = {},
): AsyncGenerator<ImageInfo, void, undefined> {
  checkOptions("scanImageList", options, {
    onProblem: true,
    blockSize: true,
    signal: true,
    onProgress: true,
  });
  const { onProblem, ...reading } = options;
  const problem = (line: number, reason: string): void => {
    if (!onProblem)
      throw new CslError(
        "invalid-file",
        `readImageList: expected an image in ${path}:${line}, got ${reason}.`,
      );
    onProblem({ line, reason });
  };
  let keys: (keyof ImageInfo | undefined)[] | undefined;
  for await (const { line, fields, reason } of csvRows(path, "readImageList", reading)) {
    if (reason) {
      problem(line, reason);
      continue;
    }
    if (!keys) {
      keys = fields.map((name) => columns[name.trim().toLowerCase()]);
      if (keys.includes("id")) continue;
      throw new CslError(
        "invalid-file",
        `readImageList: expected an ImageID column in ${path}, got ${JSON.stringify(fields.join(",").slice(0, 80))}. Is it an image list?`,
      );
    }
    if (fields.length !== keys.length) {
      problem(line, `${fields.length} columns instead of ${keys.length}`);
      continue;
    }
    const info = parseInfo(keys, fields);
    if (typeof info === "string") problem(line, info);
    else yield info;
  }
  if (!keys)
    throw new CslError(
      "invalid-file",
      `readImageList: expected an ImageID column in ${path}, got an empty file. Download it again.`,
    );
}

/** The whole list. A train list has nine million rows: give `ids` to keep those of interest, or scan it. */
export async function readImageList(
  path: string,
  options: ImageListOptions & { ids?: { indexOf(id: string): number } } = {},
): Promise<ImageInfo[]> {
  checkOptions("readImageList", options, {
    ids: true,
    onProblem: true,
    blockSize: true,
    signal: true,
    onProgress: true,
  });
  const { ids, ...reading } = options;
  const list: ImageInfo[] = [];
  for await (const info of scanImageList(path, reading))
    if (!ids || ids.indexOf(info.id) >= 0) list.push(info);
  return list;
}

function parseInfo(
  keys: readonly (keyof ImageInfo | undefined)[],
  fields: readonly string[],
): ImageInfo | string {
  const info: Record<string, string | number> = {};
  for (const [i, written] of fields.entries()) {
    const key = keys[i];
    const field = written.trim();
    if (!key || field === "") continue;
    if (key === "id") {
      const id = parseImageId(field);
      if (!id) return `an id that is not 16 hexadecimal digits: ${JSON.stringify(field.slice(0, 40))}`;
      info[key] = id;
    } else if (key === "rotation") {
      if (/^nan$/i.test(field)) continue; // deleted from Flickr before its rotation was looked at
      const rotation = Number(field);
      if (![0, 90, 180, 270].includes(rotation)) return `a rotation of ${JSON.stringify(field.slice(0, 20))}`;
      info[key] = rotation;
    } else if (key === "originalSize") {
      const size = Number(field);
      if (!(size >= 0 && Number.isInteger(size))) return `a size of ${JSON.stringify(field.slice(0, 20))}`;
      info[key] = size;
    } else info[key] = written;
  }
  return info.id === undefined ? "no id" : (info as unknown as ImageInfo);
}
