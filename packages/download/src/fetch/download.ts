import { StaleFailure } from "./body-plan.js";
import { checkFile, type Expected } from "./check-file.js";
import { writing } from "./disk-failure.js";
import { type AttemptOptions, fetchAttempt } from "./fetch-attempt.js";
import { FetchFailure } from "./fetch-failure.js";
import { type FetchFiles, PartFile } from "./part-file.js";
import type { PauseGate } from "./pause-gate.js";
import { retryDelay } from "./retry-delay.js";

export type DownloadOptions = AttemptOptions & {
  /** Further attempts after the first. */
  retries: number;
  /** Hold files against their ETag where it has the form of an MD5. */
  etagMd5: boolean;
  random: () => number;
  gate: PauseGate;
  files: FetchFiles;
  log: (text: string) => void;
};

/**
 * Brings one file to `path`: attempts with growing pauses, each continuing where the last one broke off; then checks;
 * then a rename. Until then the name `path` is not touched.
 *
 * @returns the bytes of the file
 * @throws FetchFailure with the last reason, DiskFailure, or the signal's reason
 */
export async function download(
  url: string,
  path: string,
  expected: Expected,
  options: DownloadOptions,
): Promise<number> {
  const { retries, random, clock, gate, files, log, signal } = options;
  const part = new PartFile(path, files);
  await part.find(url);
  try {
    for (let failures = 0; ; ) {
      await gate.pass(signal);
      try {
        await attemptAndCheck(url, part, expected, options);
        const { bytes } = part.have;
        await writing(path, () => part.finish());
        return bytes;
      } catch (error) {
        if (!(error instanceof FetchFailure)) throw error;
        failures++;
        if (error instanceof StaleFailure) await part.discard();
        if (!error.again || failures > retries) throw error;
        const wait = Math.max(error.wait ?? 0, retryDelay(failures, random));
        log(`${url}: ${error.message}; attempt ${failures + 1} in ${(wait / 1000).toFixed(1)} s`);
        if (error.wait !== undefined) gate.pause(wait);
        else await clock.sleep(wait, signal);
      }
    }
  } finally {
    await part.leave().catch(() => {}); // an error on the way here is the one to tell
  }
}

async function attemptAndCheck(
  url: string,
  part: PartFile,
  { size, md5 = [], image = false }: Expected,
  options: DownloadOptions,
): Promise<void> {
  await fetchAttempt(url, part, options);
  const { bytes, total = size, md5: told, validator = "" } = part.have;
  if (total !== undefined && bytes < total)
    throw new FetchFailure(`the body ended after ${bytes} of ${total} bytes`, { again: true });
  const etag = options.etagMd5 ? /^"([0-9a-f]{32})"$/.exec(validator)?.[1] : undefined;
  const expected = { size: size ?? total, md5: [...md5, told, etag], image };
  const problem = await writing(part.path, () => checkFile(part.path, expected, options.files));
  if (problem) throw new StaleFailure(problem, { again: true });
}
