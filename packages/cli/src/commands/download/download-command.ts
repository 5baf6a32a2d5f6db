import { resolve } from "node:path";
import { type FetchProgress, fetchImages } from "@csl/download";
import type { Context } from "../../context.js";
import type { Flag } from "../../flags/flag.js";
import { formatBytes } from "../../terminal/format-bytes.js";
import { paced } from "../../terminal/paced.js";
import { progressLine } from "../../terminal/progress-line.js";
import { addressOf, downloadFiles, labelFiles } from "./download-command-files.js";
import { type ImageChoice, imageItems } from "./download-command-items.js";

export const downloadFlags: readonly Flag[] = [
  ["--labels <version>", "fetch OpenImages' official label files (v4, v5, v6, v7) into --data, no images"],
  [
    "--url <address>",
    "fetch one file of any size into --out; a .zip, .tar.gz or .tgz of images or annotations is unpacked there",
  ],
  ["--no-unpack", "with --url: leave archives as they are"],
  ["--keep-archives", "with --url: keep an archive that was fetched after it is unpacked", false],
  [
    "--kinds <list>",
    "with --labels: classes, trainable, hierarchy, labels, machine, boxable, images",
    "classes,trainable,hierarchy,labels,images",
  ],
  ["--data <folder>", "the folder of the label files", "./data/OpenImages"],
  [
    "--dataset <kind>",
    "openimages, lvis, coco or custom; auto tells by the files",
    "auto",
    ["auto", "openimages", "lvis", "coco", "custom"],
  ],
  ["--split <name>", "whose images", "train"],
  ["--classes <list>", "only images with one of these classes: ids or names, separated by commas"],
  ["--annotated", "with --classes: also images in which the class is verified to be absent", false],
  ["--per-class <number>", "with --classes: enough images for so many of each; 0: all", 0],
  ["--count <number>", "at most so many images, drawn by the seed; 0: all", 0],
  ["--seed <number>", "seed of the draw", 0],
  [
    "--ids <file>",
    "only these images: one id per line, train/ID too; for openimages no label files are needed",
  ],
  [
    "--source <where>",
    "openimages: the public bucket (longest side 1024), or the originals on Flickr",
    "bucket",
    ["bucket", "original"],
  ],
  ["--base-url <url>", "another place of the same files: http(s)://, s3:// or gs://"],
  ["--out <folder>", "where the images go; default: --data, where training looks for them"],
  ["--parallel <number>", "images in flight", 16],
  ["--retries <number>", "further attempts after the first", 6],
  ["--timeout <number>", "seconds without a byte after which an attempt is given up", 30],
  ["--retry-missing", "ask again for images that an earlier run found missing", false],
  ["--recheck", "look into images that are there, and fetch broken ones again", false],
  ["--etag-md5", "hold images against ETags that are MD5s, as S3's mostly are", false],
  ["-q, --quiet", "print results only", false],
];

interface DownloadOptions extends ImageChoice {
  labels?: string;
  url?: string;
  kinds: string;
  out?: string;
  parallel: number;
  retries: number;
  timeout: number;
  retryMissing: boolean;
  recheck: boolean;
  etagMd5: boolean;
  unpack: boolean;
  keepArchives: boolean;
}

/** `csl download`: label files or images, as many at a time as wanted; the same command continues. */
export async function downloadCommand(options: DownloadOptions, context: Context): Promise<void> {
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
    throw new Error(`csl download: stopped after ${last?.done ?? 0} images. The same command continues.`);
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
