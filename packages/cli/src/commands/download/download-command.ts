import { resolve } from "node:path";
import { type FetchProgress, fetchImages } from "@csl/download";
import { type Context, defineCommand, stopped } from "../../flags/command.js";
import { onEveryRank } from "../../ranks/ranks.js";
import { formatBytes, progressLine } from "../../terminal/format.js";
import { paced } from "../../terminal/terminal.js";
import { addressOf, downloadFiles, labelFiles } from "./download-files.js";
import { type DownloadOptions, downloadFlags } from "./download-flags.js";
import { imageItems } from "./download-images.js";

/** `csl download`: label files or images, as many at a time as wanted; the same command continues. */
export const downloadCommand = defineCommand({
  name: "download",
  summary:
    "fetch OpenImages' label files, archives, or the images of OpenImages, LVIS or COCO; continues where it stopped",
  flags: downloadFlags,
  shared: true,
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
    overwrite,
  } = options;
  const { terminal, signal, ranks } = context;
  if (url !== undefined || labels !== undefined) {
    const files = url !== undefined ? [{ url: addressOf(url) }] : labelFiles(labels!, { kinds, baseUrl });
    const folder = url !== undefined ? out : data;
    await downloadFiles(files, { folder, retries, timeout, unpack, keepArchives, overwrite }, context);
    return;
  }
  const { items, total } = await onEveryRank(ranks, () => imageItems(options, context));
  const folder = resolve(out);
  terminal.info(`fetching ${total ?? "all"} images into ${out}, ${parallel} at a time`);
  let last: FetchProgress | undefined;
  const show = paced((progress: FetchProgress) => terminal.status(statusOf(progress, terminal.columns)));
  try {
    const report = await fetchImages(items, {
      ...{ folder, parallel, retries, timeout, recheck, retryMissing, etagMd5, signal },
      ...(total !== undefined && { total }),
      ...(ranks && { ranks: ranks.group }),
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
    // A signal may have come to another rank.
    if (!signal.aborted && (error as Error).name !== "AbortError") throw error;
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
