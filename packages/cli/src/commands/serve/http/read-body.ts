import type { Readable } from "node:stream";
import { ServiceError } from "./service-error.js";

/** Bytes that may be in memory while requests arrive, of all of them together: slow clients hold what they have sent. */
const MOST_TOGETHER = 256 * 2 ** 20;
let together = 0;

/**
 * The bytes of a stream. It is not destroyed when it is refused: what still comes is thrown away, so that the client gets its answer.
 *
 * @throws ServiceError 413 for too many, 408 when they do not come in time, 503 when all uploads take too much
 */
export function readBody(
  stream: Readable,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise<Buffer>((resolve, reject) => {
    const end = (error?: Error): void => {
      stream.off("data", add).off("end", end).off("error", cut).off("close", cut).resume();
      stream.on("error", () => {}); // of what is thrown away
      signal.removeEventListener("abort", late);
      together -= length;
      if (error) reject(error);
      else resolve(Buffer.concat(chunks, length));
    };
    const add = (chunk: Buffer): void => {
      length += chunk.length;
      together += chunk.length;
      chunks.push(chunk);
      if (length > maxBytes) end(tooLarge(maxBytes));
      else if (together > MOST_TOGETHER)
        end(new ServiceError(503, "busy", "csl serve: too much arrives at the same time. Try again.", 1));
    };
    const late = (): void => end(tooLate());
    const cut = (): void =>
      end(new ServiceError(400, "invalid-argument", "csl serve: the request was cut off."));
    signal.addEventListener("abort", late, { once: true });
    stream.on("data", add).on("end", end).on("error", cut).on("close", cut);
    if (signal.aborted) late();
  });
}

export function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError(
    413,
    "too-large",
    `csl serve: expected an image of at most ${maxBytes} bytes (--max-bytes).`,
  );
}

export function tooLate(): ServiceError {
  return new ServiceError(408, "timeout", "csl serve: the request did not arrive in time.");
}
