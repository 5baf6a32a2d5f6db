import type { Collectives } from "./collectives.js";

/** Rank 0's bytes, of any length, on every rank. @param bytes of rank 0; others need none. */
export async function broadcastBytes(
  collectives: Collectives,
  bytes: Uint8Array = new Uint8Array(0),
): Promise<Uint8Array> {
  const length = Float64Array.of(bytes.length);
  await collectives.broadcast(length);
  const received = collectives.rank === 0 ? bytes : new Uint8Array(length[0]!);
  await collectives.broadcast(received);
  return received;
}

/** The value that rank 0 has, by way of JSON. */
export async function broadcastJson<T>(collectives: Collectives, value: T): Promise<T> {
  const text = collectives.rank === 0 ? new TextEncoder().encode(JSON.stringify(value)) : undefined;
  return JSON.parse(new TextDecoder().decode(await broadcastBytes(collectives, text))) as T;
}
