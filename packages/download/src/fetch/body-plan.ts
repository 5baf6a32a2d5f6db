import { type Failure, failureOfStatus, staleFailure } from "./failure.js";
import type { StatedFacts } from "./stated-facts.js";

/** What is in the `.part` file from earlier attempts. */
export type Received = {
  bytes: number;
  /** Strong ETag or Last-Modified of the file that the bytes are from. */
  validator?: string | undefined;
  /** Length of the whole file. */
  total?: number | undefined;
  /** MD5 of the whole file in base64, when the server said it. */
  md5?: string | undefined;
  /** SHA-256 of the whole file in hexadecimal digits, when the server said it. */
  sha256?: string | undefined;
};

export type BodyPlan = {
  /** Where the body goes: 0, or after what is there. */
  start: number;
  /** Length of the whole file, where the server says it. */
  total: number | undefined;
  validator: string | undefined;
  md5: string | undefined;
  sha256: string | undefined;
  /** Nothing is missing; the body (if any) is not wanted. */
  complete: boolean;
};

/** Headers that ask for the rest of a file, and for all of it in case it has changed (RFC 9110, 13.1.5 and 14.2). */
export function rangeHeaders({ bytes, validator }: Received): Record<string, string> {
  if (bytes === 0) return {};
  return { range: `bytes=${bytes}-`, ...(validator && { "if-range": validator }) };
}

/**
 * What to do with the answer to a request with `rangeHeaders(have)`: append, start again (a server may ignore ranges,
 * or the file has changed), or nothing, when all is there already. A failure for any status but 200, a fitting 206, and
 * 416 for a file that is complete.
 *
 * @param stated what the servers on the way said about the file.
 */
export function bodyPlan(
  answer: Pick<Response, "status" | "statusText" | "headers">,
  have: Received,
  stated: StatedFacts = {},
): BodyPlan | Failure {
  const { status, headers } = answer;
  const validator = parseValidator(headers);
  const { sha256 } = stated;
  if (status === 200) {
    const total = stated.size ?? parseLength(headers);
    return { start: 0, total, validator, md5: parseMd5(headers), sha256, complete: false };
  }
  if (have.sha256 !== undefined && sha256 !== undefined && sha256 !== have.sha256)
    return staleFailure("the file has changed");
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  const total = range && range[2] !== "*" ? Number(range[2]) : undefined;
  const kept = { validator: have.validator, md5: have.md5, sha256: have.sha256 ?? sha256, start: have.bytes };
  if (status === 416 && have.bytes > 0) {
    if (total === have.bytes && (have.total ?? total) === total) return { ...kept, total, complete: true };
    return staleFailure(`the server has ${total ?? "an unknown number of"} bytes, ${have.bytes} are here`);
  }
  if (status !== 206) return failureOfStatus(answer);
  if (have.bytes === 0 || !range || Number(range[1]) !== have.bytes)
    return staleFailure(`asked for bytes from ${have.bytes} on, got ${headers.get("content-range")}`);
  if (have.validator && validator && validator !== have.validator)
    return staleFailure("the file has changed");
  if (have.total !== undefined && total !== undefined && total !== have.total)
    return staleFailure(`the file had ${have.total} bytes and has ${total} now`);
  return { ...kept, total: total ?? have.total, complete: false };
}

/** Google's buckets say the MD5 of the whole file: `x-goog-hash: crc32c=…,md5=<base64>`. */
function parseMd5(headers: Headers): string | undefined {
  return /\bmd5=([A-Za-z0-9+/]{22}==)/.exec(headers.get("x-goog-hash") ?? "")?.[1];
}

/** Weak ETags (W/…) do not promise equal bytes, so they cannot join two halves. */
function parseValidator(headers: Headers): string | undefined {
  const etag = headers.get("etag");
  return etag?.startsWith('"') ? etag : (headers.get("last-modified") ?? undefined);
}

/** Content-Length counts the bytes that are sent; of a compressed answer it says nothing about the file. */
function parseLength(headers: Headers): number | undefined {
  const encoding = headers.get("content-encoding") ?? "identity";
  const length = headers.get("content-length");
  return encoding === "identity" && length !== null ? Number(length) : undefined;
}
