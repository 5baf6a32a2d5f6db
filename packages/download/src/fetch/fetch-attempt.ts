import { writing } from "../files.js";
import { type BodyPlan, bodyPlan, type Received, rangeHeaders } from "./body-plan.js";
import { type Failure, failureOfNetwork } from "./failure.js";
import type { PartFile } from "./part-file.js";
import { type Clock, retryAfter } from "./waiting.js";

/** A request before it is sent. */
export type FetchRequest = { url: string; headers: Record<string, string> };

export type AttemptOptions = {
  /** The function that errors name. */
  speaker: string;
  fetch: typeof globalThis.fetch;
  /** Signs a request or adds headers, for buckets that are not public. Called for each attempt. */
  sign: (request: FetchRequest) => FetchRequest | Promise<FetchRequest>;
  /** Milliseconds without a byte after which an attempt has failed. */
  timeout: number;
  clock: Clock;
  signal: AbortSignal;
  /** Called with the number of bytes that came, and what is there by now. */
  onBytes: (bytes: number, have: Received) => void;
};

/**
 * One request, its body written into the part file: the rest of it when something is there already, all of it
 * otherwise. Returns when the body has ended; `part.have` then says what is known of the file.
 *
 * @returns why it failed, or undefined
 * @throws CslError `cannot-write`, or the signal's reason
 */
export async function fetchAttempt(
  url: string,
  part: PartFile,
  { speaker, fetch, sign, timeout, clock, signal, onBytes }: AttemptOptions,
): Promise<Failure | undefined> {
  signal.throwIfAborted();
  if (!/^https?:\/\//.test(url)) {
    const reason = url === "" ? "no address is known" : `no http(s) address: "${url}"`;
    return { reason, again: false };
  }
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  let stalled = false;
  let timer: NodeJS.Timeout | undefined;
  /** Waits for the network; tells apart our own abort, a stall and a broken connection. */
  const network = async <T>(work: Promise<T>): Promise<{ value: T } | { failure: Failure }> => {
    timer = setTimeout(() => {
      stalled = true;
      stop.abort();
    }, timeout);
    try {
      return { value: await work };
    } catch (error) {
      signal.throwIfAborted();
      const stall = { reason: `no byte for ${timeout / 1000} s`, again: true, cause: error };
      return { failure: stalled ? stall : failureOfNetwork(error) };
    } finally {
      clearTimeout(timer);
    }
  };

  signal.addEventListener("abort", onAbort, { once: true });
  try {
    // identity: a compressed body has another length than the file, and no ranges.
    const request = { url, headers: { "accept-encoding": "identity", ...rangeHeaders(part.have) } };
    const signed = await sign(request);
    const answer = await network(fetch(signed.url, { headers: signed.headers, signal: stop.signal }));
    if ("failure" in answer) return answer.failure;
    const response = answer.value;
    const plan = planFor(response, part.have, clock.now());
    if ("reason" in plan) {
      if (isShort(response)) await network(response.arrayBuffer()); // keeps the connection
      return plan;
    }
    if (plan.complete) return undefined;
    await writing(speaker, part.path, () => part.begin(url, plan.start, plan));
    const reader = response.body?.getReader();
    while (reader) {
      const piece = await network(reader.read());
      if ("failure" in piece) return piece.failure;
      const { value, done } = piece.value;
      if (done) break;
      await writing(speaker, part.path, () => part.write(value));
      onBytes(value.length, part.have);
    }
    return undefined;
  } finally {
    stop.abort(); // frees the connection of a body that is not read to its end
    signal.removeEventListener("abort", onAbort);
  }
}

function planFor(response: Response, have: Received, now: number): BodyPlan | Failure {
  // Flickr redirects to a placeholder, with status 200.
  if (/photo_unavailable/.test(response.url))
    return { reason: "Flickr no longer has the image", again: false };
  const plan = bodyPlan(response, have);
  if (!("reason" in plan) || !plan.again) return plan;
  return { ...plan, wait: retryAfter(response.headers.get("retry-after"), now) };
}

/** A page of an error, which is cheaper to read than to connect again. */
function isShort({ ok, body, bodyUsed, headers }: Response): boolean {
  return !ok && body !== null && !bodyUsed && Number(headers.get("content-length") ?? Infinity) < 1 << 16;
}
