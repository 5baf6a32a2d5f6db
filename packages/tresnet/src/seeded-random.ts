import { mulberry32, type Random } from "@csl/internal/random/mulberry32";

/** mulberry32 with a key mixed into the seed (FNV-1a), so that every key has its own stream. */
export function seededRandom(seed: number, key: string): Random {
  let mixed = 0x811c9dc5 ^ seed;
  for (let i = 0; i < key.length; i++) mixed = Math.imul(mixed ^ key.charCodeAt(i), 0x01000193);
  return mulberry32(mixed);
}
