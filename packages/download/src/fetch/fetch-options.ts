import * as nodeFiles from "node:fs/promises";
import { type Clock, systemClock } from "./clock.js";
import type { DownloadOptions } from "./download.js";
import type { FetchRequest } from "./fetch-attempt.js";
import type { FetchFiles } from "./part-file.js";
import { PauseGate } from "./pause-gate.js";

export type FetchOptions = {
  /** Further attempts after the first, with growing pauses. Default 6: about half a minute. */
  retries?: number;
  /** Seconds without a single byte after which an attempt counts as failed. Default 30. */
  timeout?: number;
  /** Stops everything; whole files stay, the rest continues at the next call. */
  signal?: AbortSignal;
  /** Signs a request or adds headers, for buckets that are not public. Called for each attempt. */
  sign?: (request: FetchRequest) => FetchRequest | Promise<FetchRequest>;
  /**
   * Hold files against their ETag where it has the form of an MD5: S3's is one for objects that were uploaded in one
   * piece and not encrypted with KMS keys. Default false.
   */
  etagMd5?: boolean;
  /** Default: Node's own, which knows no proxies. */
  fetch?: typeof globalThis.fetch;
  /** Told about each failed attempt. */
  log?: (text: string) => void;
  /** Spreads the pauses. Default Math.random: nothing that is kept depends on it. */
  random?: () => number;
  clock?: Clock;
  files?: FetchFiles;
};

/** The options of one call with their defaults, and what its downloads share. */
export function sharedOptions({
  retries = 6,
  timeout = 30,
  etagMd5 = false,
  sign = (request) => request,
  fetch = globalThis.fetch,
  log = () => {},
  random = Math.random,
  clock = systemClock,
  files = nodeFiles,
}: FetchOptions): Omit<DownloadOptions, "signal" | "onBytes"> {
  if (!Number.isInteger(retries) || retries < 0)
    throw new RangeError(`fetch: expected a number of retries, got ${retries}.`);
  if (!(timeout > 0)) throw new RangeError(`fetch: expected a timeout in seconds, got ${timeout}.`);
  const gate = new PauseGate(clock);
  return { retries, timeout: timeout * 1000, etagMd5, sign, fetch, log, random, clock, files, gate };
}
