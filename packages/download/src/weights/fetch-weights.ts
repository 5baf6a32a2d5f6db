import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { type FileLock, lockFile } from "@csl/internal/files/file-lock";
import { hashFile } from "@csl/internal/files/hash-file";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { download } from "../fetch/download.js";
import type { Failure } from "../fetch/failure.js";
import { type FetchOptions, sharedOptions } from "../fetch/fetch-options.js";
import { followRedirects, type Hop, withoutQuery } from "../fetch/follow-redirects.js";
import { statedFacts } from "../fetch/stated-facts.js";
import { writing } from "../files.js";
import { wayOutOf } from "./explain-hub-failure.js";
import { type HubRepository, hubRepository } from "./hub-repository.js";
import { inspectWeights } from "./inspect-weights.js";
import { type CachedWeights, findCached, notePath, type WeightsNote, weightsPath } from "./weights-cache.js";
import { type ResolvedSettings, type WeightsSettings, weightsSettings } from "./weights-settings.js";
import { parseWeightsSource, type WeightsSource } from "./weights-source.js";

export type FetchWeightsOptions = WeightsSettings &
  Pick<FetchOptions, "retries" | "timeout" | "signal" | "fetch" | "log" | "random" | "clock" | "files"> & {
    /** Who speaks, as errors begin. Default: `fetchWeights`. */
    speaker?: string;
    /** Asks the server whether it has another file by now, and fetches that. Default false. */
    refresh?: boolean;
    /** Bytes that are there by now, and those of the whole file when the server says it. Not called for a cached file. */
    onProgress?: (done: number, total: number | undefined) => void;
  };

/** Weights on this machine. */
export type Weights = CachedWeights & {
  /** They were in the cache already. */
  cached: boolean;
};

/**
 * Weights by name: a known one (`tresnet_m.miil_in21k`), `hf:owner/name[@revision][/file]` of the Hugging Face hub, or an
 * http(s) address. What is in the cache is held against its checksum and used without asking a server. Anything else is
 * fetched as by `fetchFile`: continued after an interruption, one process at a time (others wait), held against the
 * SHA-256 that the hub states, and looked at: it must be a whole safetensors or PyTorch file.
 *
 * @returns the path of the file, with its checksum and where it came from; the same is kept beside it (`<file>.json`)
 * @throws CslError `not-found` for a name that is none, and for what the server or, offline, the cache does not have;
 *   `network` when the server refuses or cannot be reached; `invalid-file` for a damaged file in the cache when offline;
 *   `cannot-write` for a full disk; the signal's reason
 */
export async function fetchWeights(name: string, options: FetchWeightsOptions = {}): Promise<Weights> {
  checkOptions("fetchWeights", options, {
    ...{
      endpoint: true,
      token: true,
      offline: true,
      cache: true,
      refresh: true,
      onProgress: true,
      speaker: true,
    },
    ...{
      retries: true,
      timeout: true,
      signal: true,
      fetch: true,
      log: true,
      random: true,
      clock: true,
      files: true,
    },
  });
  const {
    endpoint,
    token,
    offline,
    cache,
    refresh = false,
    onProgress,
    signal,
    speaker = "fetchWeights",
    ...rest
  } = options;
  const settings = weightsSettings(
    {
      ...(endpoint !== undefined && { endpoint }),
      ...(token !== undefined && { token }),
      ...(offline !== undefined && { offline }),
      ...(cache !== undefined && { cache }),
    },
    speaker,
  );
  const source = parseWeightsSource(name, { endpoint: settings.endpoint, speaker });
  const job: Job = {
    ...{ speaker, source, settings, path: weightsPath(settings.cache, source) },
    shared: { ...sharedOptions(speaker, rest), signal: signal ?? new AbortController().signal },
    onProgress: onProgress ?? (() => {}),
  };
  const there = await findCached(job.path, { whole: true });
  if (settings.offline) return offlineWeights(job, there);
  if (there && there.damaged === undefined && !(refresh && (await hasChanged(job, there))))
    return { ...there, cached: true };
  if (there?.damaged !== undefined) job.shared.log(`${job.path}: ${there.damaged}; it is fetched again`);
  const lock = await lockCache(job);
  try {
    // Another process may have fetched it meanwhile.
    const now = await findCached(job.path, { whole: true });
    if (now && now.damaged === undefined && now.fetched !== there?.fetched) return { ...now, cached: true };
    return { ...(await fetchIntoCache(job, lock)), cached: false };
  } finally {
    await lock.release();
  }
}

type Job = {
  /** Who speaks, as errors begin. */
  speaker: string;
  source: WeightsSource;
  settings: ResolvedSettings;
  path: string;
  shared: ReturnType<typeof sharedOptions> & { signal: AbortSignal };
  onProgress: (done: number, total: number | undefined) => void;
};

function offlineWeights(
  { source, path, speaker }: Job,
  there: Awaited<ReturnType<typeof findCached>>,
): Weights {
  const ways =
    "Fetch it on a machine with a connection (csl weights get), copy it here and give its path; " +
    "or switch offline mode off (CSL_OFFLINE, HF_HUB_OFFLINE, --offline or the option offline).";
  if (there === undefined)
    throw new CslError(
      "not-found",
      `${speaker}: expected ${source.name} in the cache, as offline mode is on, got nothing at ${path}. ${ways}`,
    );
  if (there.damaged !== undefined)
    throw new CslError(
      "invalid-file",
      `${speaker}: expected ${source.name} in the cache, as offline mode is on, got a damaged file, ${path}: ${there.damaged}. ${ways}`,
    );
  return { ...there, cached: true };
}

function lockCache({ path, speaker, shared: { log, signal, files } }: Job): Promise<FileLock> {
  const onWait = (holder: string): void => log(`waiting for ${holder}, which fetches the same`);
  return lockFile(`${resolve(path)}.lock`, { speaker, onWait, signal, files });
}

/** The headers of requests to the hub; others get no token. */
function hubHeaders({ source, settings: { token } }: Job): Record<string, string> {
  return source.hub && token !== undefined ? { authorization: `Bearer ${token}` } : {};
}

async function fetchIntoCache(job: Job, lock: FileLock): Promise<CachedWeights> {
  const { source, path, speaker, shared, settings } = job;
  const headers = hubHeaders(job);
  let hops: readonly Hop[] = [];
  let repository: Promise<HubRepository | undefined> | undefined;
  const askRepository = (): Promise<HubRepository | undefined> => {
    const { endpoint } = settings;
    repository ??= hubRepository(source.hub!, {
      endpoint,
      headers,
      fetch: shared.fetch,
      signal: shared.signal,
    });
    return repository;
  };
  let note: WeightsNote | undefined;
  const inspect = async (part: string): Promise<string | undefined> => {
    const problem = await inspectWeights(part);
    if (problem !== undefined) return problem;
    const license = source.known?.license ?? (source.hub && (await askRepository())?.license);
    note = await noteOf(part, { source, hops, license, now: shared.clock.now() });
    // Before the file gets its name: a file of the cache without its note is not used.
    await writing(speaker, path, () =>
      writeFileAtomically(notePath(path), `${JSON.stringify(note, null, 2)}\n`, speaker, {
        files: shared.files,
      }),
    );
    return undefined;
  };
  const result = await download(
    source.url,
    path,
    { inspect },
    {
      ...shared,
      sign: (request) => ({ ...request, headers: { ...request.headers, ...headers } }),
      onBytes: (_, have) => {
        lock.assertHeld();
        job.onProgress(have.bytes, have.total);
      },
      onAnswer: (answers) => {
        hops = answers;
      },
    },
  );
  if ("failure" in result) throw await failed(job, result.failure, askRepository);
  return { ...note!, path };
}

async function noteOf(
  part: string,
  {
    source,
    hops,
    license,
    now,
  }: { source: WeightsSource; hops: readonly Hop[]; license: string | undefined; now: number },
): Promise<WeightsNote> {
  const sha256 = await hashFile(part);
  const bytes = (await stat(part)).size;
  return {
    format: "csl-weights/1",
    name: source.name,
    source: withoutQuery(source.url),
    bytes,
    sha256,
    sha256By: statedFacts(hops).sha256 === sha256 ? "server" : "this machine",
    ...versionOf(hops),
    license,
    fetched: new Date(now).toISOString(),
  };
}

/** Which version of the file it is, as far as the servers say it. */
function versionOf(hops: readonly Hop[]): Pick<WeightsNote, "commit" | "etag"> {
  const first = (name: string) =>
    hops.map(({ headers }) => headers.get(name)).find((value) => value !== null);
  return {
    commit: first("x-repo-commit") ?? undefined,
    etag: first("x-linked-etag") ?? first("etag") ?? undefined,
  };
}

/** Whether the server has another file than the cache, by checksum, else by ETag. Without either it counts as changed. */
async function hasChanged(job: Job, there: CachedWeights): Promise<boolean> {
  const { source, shared } = job;
  const { fetch, signal, timeout } = shared;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  const request = { url: source.url, headers: { "accept-encoding": "identity", ...hubHeaders(job) } };
  try {
    const answer = await followRedirects(fetch, request, { method: "HEAD", signal: limited });
    if ("reason" in answer || !answer.response.ok) return true; // the download says why
    const { sha256 } = statedFacts(answer.hops);
    if (sha256 !== undefined) return sha256 !== there.sha256;
    const { etag } = versionOf(answer.hops);
    return etag === undefined || etag !== there.etag;
  } catch {
    signal.throwIfAborted();
    return true;
  }
}

async function failed(
  { source, speaker, settings, shared }: Job,
  failure: Failure,
  repository: () => Promise<HubRepository | undefined>,
): Promise<CslError> {
  const wayOut = await wayOutOf(failure, {
    ...{ source, endpoint: settings.endpoint, hasToken: settings.token !== undefined },
    ...{ now: shared.clock.now(), repository },
  });
  const notThere = failure.answer?.status === 404;
  return new CslError(
    notThere ? "not-found" : "network",
    `${speaker}: expected ${source.name} from ${withoutQuery(source.url)}, got: ${failure.reason}. ${wayOut}`,
    { cause: failure.cause },
  );
}
