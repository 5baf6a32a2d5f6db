import { basename, join } from "node:path";
import {
  bucketUrl,
  fetchFile,
  OPEN_IMAGES_FILES,
  type OpenImagesFile,
  openImagesFiles,
} from "@csl/openimages-loader";
import type { Context } from "./context.js";
import { formatBytes } from "./format-bytes.js";
import { paced } from "./paced.js";
import { progressLine } from "./progress-line.js";

export interface LabelDownload {
  version: string;
  /** Kinds of files, separated by commas. */
  kinds: string;
  folder: string;
  baseUrl?: string | undefined;
  retries: number;
  timeout: number;
}

/** `csl download --labels v7`: the official label files into one folder. One that is not there stops no other. */
export async function downloadLabels(
  { version, kinds, folder, baseUrl = OPEN_IMAGES_FILES, retries, timeout }: LabelDownload,
  { terminal, signal }: Context,
): Promise<void> {
  const files = filesOf(version, kinds);
  const failed: string[] = [];
  let bytes = 0;
  let skipped = 0;
  for (const [i, { key, megabytes = 0 }] of files.entries()) {
    const path = join(folder, basename(key));
    const started = Date.now();
    let first: number | undefined;
    const show = paced(({ done, total }: { done: number; total: number }) => {
      first ??= done;
      const rate = (done - first) / ((Date.now() - started) / 1000);
      const label = `${i + 1}/${files.length} ${basename(key)}`;
      const detail = `${formatBytes(done)}, ${formatBytes(rate)}/s`;
      terminal.status(
        progressLine(
          { label, done, total, detail, secondsLeft: (total - done) / rate },
          { columns: terminal.columns },
        ),
      );
    });
    try {
      const file = await fetchFile(bucketUrl(baseUrl, key), path, {
        ...{ retries, timeout, signal, log: terminal.info },
        onProgress: (done, total = megabytes * 1e6) => show({ done, total }),
      });
      bytes += file.bytes;
      if (file.skipped) skipped++;
      terminal.info(`${file.skipped ? "there already" : "fetched"}: ${path}, ${formatBytes(file.bytes)}`);
    } catch (error) {
      if (signal.aborted)
        throw new Error(`csl download: stopped at ${basename(key)}. The same command continues.`);
      if (!(error as Error).message.startsWith("fetchFile:")) throw error;
      failed.push((error as Error).message);
    } finally {
      terminal.endStatus();
    }
  }
  const got = files.length - failed.length;
  terminal.print(
    `${got} of ${files.length} files${skipped > 0 ? ` (${skipped} were there)` : ""}, ${formatBytes(bytes)}: ${folder}`,
  );
  if (failed.length > 0)
    throw new Error(`csl download: ${failed.length} files are missing.\n${failed.join("\n")}`);
}

function filesOf(version: string, kinds: string): OpenImagesFile[] {
  const release = openImagesFiles[version.toLowerCase() as keyof typeof openImagesFiles];
  if (!release) {
    throw new Error(
      `csl download: expected --labels ${Object.keys(openImagesFiles).join(", ")}, got "${version}". ` +
        "V3 comes in archives: see the README of @csl/openimages-loader.",
    );
  }
  const wanted = kinds.split(",").map((kind) => kind.trim());
  const known = new Set<string>(
    Object.values(openImagesFiles).flatMap((list) => list.map(({ kind }) => kind)),
  );
  const unknown = wanted.filter((kind) => !known.has(kind));
  if (unknown.length > 0)
    throw new Error(
      `csl download: expected --kinds of ${[...known].join(", ")}, got "${unknown.join(", ")}".`,
    );
  return release.filter(({ kind }) => wanted.includes(kind));
}
