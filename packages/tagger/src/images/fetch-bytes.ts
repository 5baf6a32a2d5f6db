import { CslError } from "@csl/internal/errors/csl-error";

/** What an address gives. @throws CslError `network` when it gives nothing or too much. */
export async function fetchBytes(
  url: string | URL,
  speaker: string,
  {
    maxBytes = Number.POSITIVE_INFINITY,
    signal,
  }: { maxBytes?: number; signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array> {
  const failed = (why: string, cause?: unknown): CslError =>
    new CslError("network", `${speaker}: expected a file at ${url}, but ${why}.`, { cause });
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok || !response.body)
      throw failed(`the server answered ${response.status} ${response.statusText}`);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > maxBytes) {
        await reader.cancel();
        throw failed(`it has more than ${maxBytes} bytes`);
      }
      pieces.push(value);
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof CslError) throw error;
    throw failed(String((error as Error).message), error);
  }
}
