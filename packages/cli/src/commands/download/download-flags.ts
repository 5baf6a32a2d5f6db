import { choice, file, folder, integer, number, type OptionsOf, text, toggle } from "../../flags/flag.js";
import { datasetFlags } from "../../flags/shared-flags.js";

/** All flags of `csl download`. */
export const downloadFlags = {
  "Label files and archives": {
    labels: choice("fetch OpenImages' official label files into --data, no images", ["v4", "v5", "v6", "v7"]),
    kinds: text("with --labels: classes, trainable, hierarchy, labels, machine, boxable, images", {
      placeholder: "list",
      default: "classes,trainable,hierarchy,labels,images",
      needs: "labels",
    }),
    url: text(
      "fetch one file of any size into --out; a .zip, .tar.gz or .tgz of images or annotations is unpacked there",
      { placeholder: "address" },
    ),
    unpack: toggle("with --url: unpack archives", { default: true }),
    "keep-archives": toggle("with --url: keep an archive that was fetched after it is unpacked", {
      needs: "url",
    }),
    overwrite: toggle("with --url: replace files that are there and differ from the archive's", {
      needs: "url",
    }),
  },
  "Which images": {
    data: folder("the folder of the label files", { default: "./data/OpenImages" }),
    dataset: datasetFlags.dataset,
    split: text("whose images", { placeholder: "name", default: "train" }),
    classes: text("only images with one of these classes: ids or names, separated by commas", {
      placeholder: "list",
    }),
    annotated: toggle("with --classes: also images in which the class is verified to be absent", {
      needs: "classes",
    }),
    "per-class": integer("with --classes: enough images for so many of each; 0: all", {
      default: 0,
      from: 0,
      needs: "classes",
    }),
    count: integer("at most so many images, drawn by the seed; 0: all", { default: 0, from: 0 }),
    seed: integer("seed of the draw", { default: 0, from: 0, to: 2 ** 32 - 1 }),
    ids: file("only these images: one id per line, train/ID too; for openimages no label files are needed"),
  },
  "How they are fetched": {
    source: choice(
      "openimages: the public bucket (longest side 1024), or the originals on Flickr",
      ["bucket", "original"],
      { default: "bucket" },
    ),
    "base-url": text("another place of the same files: http(s)://, s3:// or gs://", {
      placeholder: "address",
    }),
    out: folder("where the images go; default: --data, where training looks for them"),
    parallel: integer("images fetched at the same time", { default: 16, from: 1, to: 1024 }),
    retries: integer("further attempts after the first", { default: 6, from: 0, to: 100 }),
    timeout: number("seconds without a byte after which an attempt is stopped", {
      default: 30,
      above: 0,
      to: 400_000,
    }),
    "retry-missing": toggle("ask again for images that an earlier run found missing"),
    recheck: toggle("look into images that are there, and fetch broken ones again"),
    "etag-md5": toggle("compare images with ETags that are MD5s, as S3's mostly are"),
  },
};

export type DownloadOptions = OptionsOf<typeof downloadFlags>;
