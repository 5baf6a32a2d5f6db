import { lookup as systemLookup } from "node:dns";
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { CslError } from "@csl/internal/errors/csl-error";
import { isPrivateAddress } from "./private-addresses.js";

export interface FetchLimits {
  maxBytes: number;
  /** Also from addresses of this machine and of private networks. */
  allowPrivate: boolean;
  signal: AbortSignal;
  /** Finds the addresses of a name. Default: the system's. */
  lookup?: LookupFunction;
}

const MOST_REDIRECTS = 5;

/**
 * The bytes behind an address that a stranger named. The address that is connected to is the one that was checked, and each redirect is
 * checked as the first address was.
 *
 * @throws CslError `invalid-argument` for what may not be fetched, `network` when nothing comes.
 */
export async function fetchImage(address: string, limits: FetchLimits): Promise<Buffer> {
  let url = parse(address);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await open(url, limits);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.destroy();
      url = parse(headers.location, url);
      continue;
    }
    if (statusCode !== 200) {
      response.destroy();
      throw unreachable(`the server answered ${statusCode}`);
    }
    return read(response, limits);
  }
  throw unreachable(`it leads on more than ${MOST_REDIRECTS} times`);
}

function parse(address: string, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(address, base);
  } catch (cause) {
    throw new CslError("invalid-argument", "csl serve: expected an address (https://…), got another text.", {
      cause,
    });
  }
  if ((url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "")
    return url;
  throw new CslError(
    "invalid-argument",
    "csl serve: expected an address of http or https, without a password.",
  );
}

function open(
  url: URL,
  { allowPrivate, signal, lookup = systemLookup as LookupFunction }: FetchLimits,
): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) throw isPrivate();
  const guarded: LookupFunction = (name, options, callback) =>
    lookup(name, options, (error, found, family) => {
      const all = Array.isArray(found) ? found.map(({ address }) => address) : [found];
      if (!error && !allowPrivate && all.some(isPrivateAddress)) callback(isPrivate(), found, family);
      else callback(error, found, family);
    });
  const get = url.protocol === "https:" ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    get(
      url,
      { lookup: guarded, signal, agent: false, headers: { "user-agent": "csl-serve", accept: "image/*" } },
      resolve,
    ).on("error", (cause: Error) =>
      reject(cause instanceof CslError ? cause : unreachable(reason(cause, signal), cause)),
    );
  });
}

async function read(response: IncomingMessage, { maxBytes, signal }: FetchLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) throw unreachable(`it has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof CslError ? cause : unreachable(reason(cause as Error, signal), cause);
  }
  return Buffer.concat(chunks, length);
}

function reason(cause: Error, signal: AbortSignal): string {
  return signal.aborted
    ? "it did not come in time"
    : `it cannot be reached (${(cause as NodeJS.ErrnoException).code ?? "error"})`;
}

function unreachable(why: string, cause?: unknown): CslError {
  return new CslError("network", `csl serve: expected an image at the address, but ${why}.`, { cause });
}

function isPrivate(): CslError {
  return new CslError(
    "invalid-argument",
    "csl serve: expected an address of the public internet, got one of this machine or of a private network.",
  );
}
