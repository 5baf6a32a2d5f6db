import * as nodeFiles from "node:fs/promises";
import type { OptionNames } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { FetchFiles } from "../files.js";
import type { DownloadOptions } from "./download.js";
import type { FetchRequest } from "./follow-redirects.js";
import { type Clock, PauseGate, systemClock } from "./waiting.js";

export type FetchOptions = {
  /** Further attempts after the first, with growing pauses. Default 6: about half a minute. */
  retries?: number;
  /** Seconds without a single byte after which an attempt has failed. Default 30. */
  timeout?: number;
  /** Stops everything; whole files stay, the rest continues at the next call. */
  signal?: AbortSignal;
  /** Signs a request or adds headers, for buckets that are not public. Called for each attempt. */
  sign?: (request: FetchRequest) => FetchRequest | Promise<FetchRequest>;
  /**
   * Compare files with their ETag where it has the form of an MD5: S3's is one for objects that were uploaded in one
   * piece and not encrypted with KMS keys. Default false.
   */
  etagMd5?: boolean;
  /** Default: Node's own, which uses no proxy. */
  fetch?: typeof globalThis.fetch;
  /** Called with a sentence about each failed attempt. */
  log?: (text: string) => void;
  /** Spreads the pauses. Default Math.random: no result depends on it. */
  random?: () => number;
  clock?: Clock;
  files?: FetchFiles;
};

export const fetchOptionNames: OptionNames<FetchOptions> = {
  retries: true,
  timeout: true,
  signal: true,
  sign: true,
  etagMd5: true,
  fetch: true,
  log: true,
  random: true,
  clock: true,
  files: true,
};

/** The options of one call with their defaults, and what its downloads share. */
export function sharedOptions(
  speaker: string,
  {
    retries = 6,
    timeout = 30,
    etagMd5 = false,
    sign = (request) => request,
    fetch = globalThis.fetch,
    log = () => {},
    random = Math.random,
    clock = systemClock,
    files = nodeFiles,
  }: FetchOptions,
): Omit<DownloadOptions, "signal" | "onBytes"> {
  if (!Number.isInteger(retries) || retries < 0)
    throw new CslError("invalid-argument", `${speaker}: expected a number of retries, got ${retries}.`);
  if (!(timeout > 0))
    throw new CslError("invalid-argument", `${speaker}: expected a timeout in seconds, got ${timeout}.`);
  const gate = new PauseGate(clock);
  return { speaker, retries, timeout: timeout * 1000, etagMd5, sign, fetch, log, random, clock, files, gate };
}
