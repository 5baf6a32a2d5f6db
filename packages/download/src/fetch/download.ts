import { type FetchFiles, writing } from "../files.js";
import { checkFile, type Expected } from "./check-file.js";
import { type Failure, staleFailure } from "./failure.js";
import { type AttemptOptions, fetchAttempt } from "./fetch-attempt.js";
import { PartFile } from "./part-file.js";
import { type PauseGate, retryDelay } from "./waiting.js";

export type DownloadOptions = AttemptOptions & {
  /** Further attempts after the first. */
  retries: number;
  /** Compare files with their ETag where it has the form of an MD5. */
  etagMd5: boolean;
  random: () => number;
  gate: PauseGate;
  files: FetchFiles;
  log: (text: string) => void;
};

/** Whole files that are not what they should be, after which a server is believed to have no other. */
const MOST_WRONG = 3;

/**
 * Brings one file to `path`: attempts with growing pauses, each continuing where the last one broke off; then checks;
 * then a rename. Until then the name `path` is not touched.
 *
 * @returns the bytes of the file, or the reason why the last attempt failed
 * @throws CslError `cannot-write`, or the signal's reason
 */
export async function download(
  url: string,
  path: string,
  expected: Expected,
  options: DownloadOptions,
): Promise<{ bytes: number } | { failure: Failure }> {
  const { speaker, retries, random, clock, gate, files, log, signal } = options;
  const part = new PartFile(path, { files, speaker });
  await part.find(url);
  let wrong = 0;
  try {
    for (let failures = 1; ; failures++) {
      await gate.pass(signal);
      const failure = await attemptAndCheck(url, part, expected, options);
      if (!failure) {
        const { bytes } = part.have;
        await writing(speaker, path, () => part.finish());
        return { bytes };
      }
      if (failure.stale) await part.discard();
      if (failure.wrong) wrong++;
      if (!failure.again || failures > retries || wrong === MOST_WRONG) return { failure };
      const wait = Math.max(failure.wait ?? 0, retryDelay(failures, random));
      log(`${url}: ${failure.reason}; attempt ${failures + 1} in ${(wait / 1000).toFixed(1)} s`);
      if (failure.wait !== undefined) gate.pause(wait);
      else await clock.sleep(wait, signal);
    }
  } finally {
    await part.leave().catch(() => {}); // an earlier error says more
  }
}

async function attemptAndCheck(
  url: string,
  part: PartFile,
  { size, md5 = [], sha256, ...more }: Expected,
  options: DownloadOptions,
): Promise<Failure | undefined> {
  const failure = await fetchAttempt(url, part, options);
  if (failure) return failure;
  const { bytes, total = size, md5: stated, sha256: linked, validator = "" } = part.have;
  if (total !== undefined && bytes < total)
    return { reason: `the body ended after ${bytes} of ${total} bytes`, again: true };
  const etag = options.etagMd5 ? /^"([0-9a-f]{32})"$/.exec(validator)?.[1] : undefined;
  const sums = { md5: [...md5, stated, etag], sha256: sha256 ?? linked };
  const expected = { size: size ?? total, ...sums, ...more };
  const problem = await writing(options.speaker, part.path, () =>
    checkFile(part.path, expected, options.files),
  );
  return problem === undefined ? undefined : { ...staleFailure(problem), wrong: true };
}
