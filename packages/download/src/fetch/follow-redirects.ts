import type { Failure } from "./failure.js";

/** A request before it is sent. */
export type FetchRequest = { url: string; headers: Record<string, string> };

/** What a server said on the way to a file; the last one is the answer itself. */
export type Hop = { url: string; status: number; headers: Headers };

export type Answer = { response: Response; hops: Hop[] };

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 10;

/** Headers that any server may see. What else a request has (a token, a signature) is for the server it was made for. */
const FOR_ANYBODY = new Set(["accept", "accept-encoding", "if-range", "range", "user-agent"]);

/**
 * Sends a request and follows its redirects one by one, for three reasons: another host does not get the headers that
 * were meant for the first one, a circle is an error at once and not after many attempts, and what the first server says
 * about the file (its checksum) is in its redirect, which `fetch` by itself would not show.
 *
 * @returns the answer, or why there is none; what `fetch` throws comes out as it is
 */
export async function followRedirects(
  fetch: typeof globalThis.fetch,
  { url, headers }: FetchRequest,
  { method = "GET", signal }: { method?: "GET" | "HEAD"; signal: AbortSignal },
): Promise<Answer | Failure> {
  const hops: Hop[] = [];
  let request = { url, headers };
  for (;;) {
    const response = await fetch(request.url, {
      ...{ method, headers: request.headers, signal },
      redirect: "manual",
    });
    hops.push({ url: request.url, status: response.status, headers: response.headers });
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) return { response, hops };
    await response.body?.cancel();
    if (!URL.canParse(location, request.url))
      return { reason: `a redirect to no address: "${location}"`, again: false };
    const next = new URL(location, request.url);
    const refusal = refusalOf(next, hops);
    if (refusal !== undefined) return { reason: refusal, again: false };
    const sameHost = next.origin === new URL(request.url).origin;
    request = { url: next.href, headers: sameHost ? request.headers : publicHeaders(request.headers) };
  }
}

/** Why a redirect is not followed. */
function refusalOf(next: URL, hops: readonly Hop[]): string | undefined {
  if (!/^https?:$/.test(next.protocol)) return `a redirect to ${next.protocol}, which is not http(s)`;
  if (next.username !== "" || next.password !== "")
    return "a redirect to an address with a user and a password";
  if (hops.some(({ url }) => url === next.href))
    return `redirects in a circle: ${withoutQuery(next.href)} again after ${hops.length} of them`;
  return hops.length > MOST_REDIRECTS ? `more than ${MOST_REDIRECTS} redirects` : undefined;
}

function publicHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => FOR_ANYBODY.has(name.toLowerCase())));
}

/** An address as messages and notes show it: the query of a signed one is a key. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "");
}
