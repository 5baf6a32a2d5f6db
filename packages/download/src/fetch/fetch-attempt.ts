import { bodyPlan, type Partial, rangeHeaders } from "./body-plan.js";
import type { Clock } from "./clock.js";
import { writing } from "./disk-failure.js";
import { FetchFailure, failureOfNetwork } from "./fetch-failure.js";
import type { PartFile } from "./part-file.js";
import { retryAfter } from "./retry-delay.js";

/** A request before it is sent. */
export type FetchRequest = { url: string; headers: Record<string, string> };

export type AttemptOptions = {
  fetch: typeof globalThis.fetch;
  /** Signs a request or adds headers, for buckets that are not public. Called for each attempt. */
  sign: (request: FetchRequest) => FetchRequest | Promise<FetchRequest>;
  /** Milliseconds without a byte after which an attempt is given up. */
  timeout: number;
  clock: Clock;
  signal: AbortSignal;
  /** Told of bytes that came, and what is there by now. */
  onBytes: (bytes: number, have: Partial) => void;
};

/**
 * One request, its body written into the part file: the rest of it when something is there already, all of it
 * otherwise. Returns when the body has ended; `part.have` then says what is known of the file.
 *
 * @throws FetchFailure, DiskFailure, or the signal's reason
 */
export async function fetchAttempt(
  url: string,
  part: PartFile,
  { fetch, sign, timeout, clock, signal, onBytes }: AttemptOptions,
): Promise<void> {
  signal.throwIfAborted();
  if (!/^https?:\/\//.test(url)) {
    const reason = url === "" ? "no address is known" : `no http(s) address: "${url}"`;
    throw new FetchFailure(reason, { again: false });
  }
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  let stalled = false;
  let timer: NodeJS.Timeout | undefined;
  const expectBytes = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stalled = true;
      stop.abort();
    }, timeout);
  };
  /** Waits for the network; tells apart our own abort, a stall and a broken connection. */
  const network = async <T>(work: Promise<T>): Promise<T> => {
    expectBytes();
    try {
      return await work;
    } catch (error) {
      signal.throwIfAborted();
      if (stalled) throw new FetchFailure(`no byte for ${timeout / 1000} s`, { again: true, cause: error });
      throw failureOfNetwork(error);
    } finally {
      clearTimeout(timer);
    }
  };

  signal.addEventListener("abort", onAbort, { once: true });
  try {
    // identity: a compressed body has another length than the file, and no ranges.
    const request = { url, headers: { "accept-encoding": "identity", ...rangeHeaders(part.have) } };
    const signed = await sign(request);
    const response = await network(fetch(signed.url, { headers: signed.headers, signal: stop.signal }));
    try {
      const plan = bodyPlanOf(response, part, clock.now());
      if (plan.complete) return;
      await writing(part.path, () => part.begin(url, plan.start, plan));
      const reader = response.body?.getReader();
      while (reader) {
        const { value, done } = await network(reader.read());
        if (done) break;
        await writing(part.path, () => part.write(value));
        onBytes(value.length, part.have);
      }
    } catch (error) {
      if (isShort(response)) await network(response.arrayBuffer()).catch(() => {}); // keeps the connection
      throw error;
    } finally {
      stop.abort(); // frees the connection of a body that nobody reads to its end
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function bodyPlanOf(response: Response, { have }: PartFile, now: number) {
  if (/photo_unavailable/.test(response.url))
    throw new FetchFailure("Flickr no longer has the image", { again: false });
  try {
    return bodyPlan(response, have);
  } catch (error) {
    const wait = retryAfter(response.headers.get("retry-after"), now);
    if (!(error instanceof FetchFailure) || !error.again || wait === undefined) throw error;
    throw new FetchFailure(error.message, { again: true, wait });
  }
}

/** A page of an error, which is cheaper to read than to connect anew. */
function isShort({ ok, body, bodyUsed, headers }: Response): boolean {
  return !ok && body !== null && !bodyUsed && Number(headers.get("content-length") ?? Infinity) < 1 << 16;
}
