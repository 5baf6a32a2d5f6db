import { writing } from "../files.js";
import { type BodyPlan, bodyPlan, type Received, rangeHeaders } from "./body-plan.js";
import { type Failure, failureOfNetwork } from "./failure.js";
import { type Answer, type FetchRequest, followRedirects, type Hop } from "./follow-redirects.js";
import type { PartFile } from "./part-file.js";
import { statedFacts } from "./stated-facts.js";
import { type Clock, retryAfter } from "./waiting.js";

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
  /** Called with what the servers said, the redirects first. */
  onAnswer?: ((hops: readonly Hop[]) => void) | undefined;
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
  { speaker, fetch, sign, timeout, clock, signal, onBytes, onAnswer }: AttemptOptions,
): Promise<Failure | undefined> {
  signal.throwIfAborted();
  const refusal = refusalOf(url);
  if (refusal !== undefined) return { reason: refusal, again: false };
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
    const answer = await network(followRedirects(fetch, signed, { signal: stop.signal }));
    if ("failure" in answer) return answer.failure;
    if ("reason" in answer.value) return answer.value;
    const { response, hops } = answer.value;
    onAnswer?.(hops);
    const plan = planFor(answer.value, part.have, clock.now());
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

/** Why nothing can be fetched from an address. */
function refusalOf(url: string): string | undefined {
  if (url === "") return "no address is known";
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) return `no http(s) address: "${url}"`;
  const { username, password } = new URL(url);
  return username !== "" || password !== ""
    ? "an address with a user and a password, which are not sent"
    : undefined;
}

function planFor({ response, hops }: Answer, have: Received, now: number): BodyPlan | Failure {
  // Flickr redirects to a placeholder, with status 200.
  if (/photo_unavailable/.test(hops.at(-1)!.url))
    return { reason: "Flickr no longer has the image", again: false };
  const plan = bodyPlan(response, have, statedFacts(hops));
  if (!("reason" in plan) || !plan.again) return plan;
  return { ...plan, wait: retryAfter(response.headers.get("retry-after"), now) };
}

/** A page of an error, which is cheaper to read than to connect again. */
function isShort({ ok, body, bodyUsed, headers }: Response): boolean {
  return !ok && body !== null && !bodyUsed && Number(headers.get("content-length") ?? Infinity) < 1 << 16;
}
