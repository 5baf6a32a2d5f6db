import type { Hop } from "./follow-redirects.js";

/** What servers say about a file apart from sending it. */
export type StatedFacts = {
  /** Length of the whole file. */
  size?: number | undefined;
  /** SHA-256 of the whole file, hexadecimal. */
  sha256?: string | undefined;
};

/**
 * What the Hugging Face hub says in its redirect about a large file that another host will send: `X-Linked-ETag` is the
 * SHA-256 that Git LFS keeps, `X-Linked-Size` the length. The ETag of the other host is no such sum.
 */
export function statedFacts(hops: readonly Pick<Hop, "headers">[]): StatedFacts {
  const first = (name: string): string | undefined =>
    hops.map(({ headers }) => headers.get(name)).find((value) => value !== null) ?? undefined;
  const sha256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(first("x-linked-etag") ?? "")?.[1];
  const size = /^\d+$/.exec(first("x-linked-size") ?? "")?.[0];
  return { sha256, size: size === undefined ? undefined : Number(size) };
}
