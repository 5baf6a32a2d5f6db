import { resolve } from "node:path";
import { type FetchProgress, fetchImages } from "@csl/download";
import { type Context, defineCommand, stopped } from "../../flags/command.js";
import { choice, file, folder, integer, number, type OptionsOf, text, toggle } from "../../flags/flag.js";
import { datasetFlags } from "../../flags/shared-flags.js";
import { formatBytes, progressLine } from "../../terminal/format.js";
import { paced } from "../../terminal/terminal.js";
import { addressOf, downloadFiles, labelFiles } from "./download-files.js";
import { imageItems } from "./download-images.js";

const downloadFlags = {
  "Label files and archives": {
    labels: choice("fetch OpenImages' official label files into --data, no images", ["v4", "v5", "v6", "v7"]),
    kinds: text("with --labels: classes, trainable, hierarchy, labels, machine, boxable, images", {
      placeholder: "list",
      default: "classes,trainable,hierarchy,labels,images",
    }),
    url: text(
      "fetch one file of any size into --out; a .zip, .tar.gz or .tgz of images or annotations is unpacked there",
      { placeholder: "address" },
    ),
    unpack: toggle("with --url: unpack archives", { default: true }),
    "keep-archives": toggle("with --url: keep an archive that was fetched after it is unpacked"),
  },
  "Which images": {
    data: folder("the folder of the label files", { default: "./data/OpenImages" }),
    dataset: datasetFlags.dataset,
    split: text("whose images", { placeholder: "name", default: "train" }),
    classes: text("only images with one of these classes: ids or names, separated by commas", {
      placeholder: "list",
    }),
    annotated: toggle("with --classes: also images in which the class is verified to be absent"),
    "per-class": integer("with --classes: enough images for so many of each; 0: all", {
      default: 0,
      from: 0,
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
    parallel: integer("images in flight", { default: 16, from: 1 }),
    retries: integer("further attempts after the first", { default: 6, from: 0 }),
    timeout: number("seconds without a byte after which an attempt is given up", { default: 30, above: 0 }),
    "retry-missing": toggle("ask again for images that an earlier run found missing"),
    recheck: toggle("look into images that are there, and fetch broken ones again"),
    "etag-md5": toggle("compare images with ETags that are MD5s, as S3's mostly are"),
  },
};

export type DownloadOptions = OptionsOf<typeof downloadFlags>;

/** `csl download`: label files or images, as many at a time as wanted; the same command continues. */
export const downloadCommand = defineCommand({
  name: "download",
  summary:
    "fetch OpenImages' label files, archives, or the images of OpenImages, LVIS or COCO; continues where it stopped",
  flags: downloadFlags,
  run: download,
});

async function download(options: DownloadOptions, context: Context): Promise<void> {
  const {
    data,
    labels,
    url,
    kinds,
    baseUrl,
    out = data,
    parallel,
    retries,
    timeout,
    recheck,
    retryMissing,
    etagMd5,
    unpack,
    keepArchives,
  } = options;
  const { terminal, signal } = context;
  if (url !== undefined || labels !== undefined) {
    const files = url !== undefined ? [{ url: addressOf(url) }] : labelFiles(labels!, { kinds, baseUrl });
    const folder = url !== undefined ? out : data;
    await downloadFiles(files, { folder, retries, timeout, unpack, keepArchives }, context);
    return;
  }
  const { items, total } = await imageItems(options, context);
  const folder = resolve(out);
  terminal.info(`fetching ${total ?? "all"} images into ${out}, ${parallel} at a time`);
  let last: FetchProgress | undefined;
  const show = paced((progress: FetchProgress) => terminal.status(statusOf(progress, terminal.columns)));
  try {
    const report = await fetchImages(items, {
      ...{ folder, parallel, retries, timeout, recheck, retryMissing, etagMd5, signal },
      ...(total !== undefined && { total }),
      onProgress(progress) {
        last = progress;
        show(progress);
      },
    });
    terminal.endStatus();
    const { done, skipped, missing, bytes } = report;
    terminal.print(
      `${done} images fetched (${formatBytes(bytes)}), ${skipped} were there, ${missing.length} missing: ${out}` +
        (missing.length > 0 ? `\n${reasons(missing)}: ${out}/missing.csv` : ""),
    );
  } catch (error) {
    terminal.endStatus();
    if (!signal.aborted) throw error;
    throw stopped(`csl download: stopped after ${last?.done ?? 0} images. The same command continues.`);
  }
}

function statusOf(
  { done, skipped, missing, total = 0, bytes, rate }: FetchProgress,
  columns: number,
): string {
  const dealtWith = done + skipped + missing;
  const detail = `${formatBytes(bytes)}${missing > 0 ? `, ${missing} missing` : ""}`;
  const secondsLeft = (total - dealtWith) / rate;
  return progressLine(
    { label: "download", done: dealtWith, total, detail, rate, unit: "images", secondsLeft },
    { columns },
  );
}

/** The commonest reasons: `12 × 404 Not Found, 1 × …`. */
function reasons(missing: readonly { reason: string }[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of missing) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const common = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  return common.map(([reason, count]) => `${count} × ${reason}`).join(", ") + (counts.size > 3 ? ", …" : "");
}
