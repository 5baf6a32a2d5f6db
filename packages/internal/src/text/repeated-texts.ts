/**
 * Texts that occur more than once, at most `limit` of them. Compares 53-bit hashes first, so that nine million texts take
 * 72 MB and not a gigabyte of strings.
 */
export function repeatedTexts(count: number, textAt: (position: number) => string, limit = 5): string[] {
  const hashes = new Float64Array(count);
  for (let i = 0; i < count; i++) hashes[i] = hash53(textAt(i));
  const sorted = hashes.slice().sort();
  const suspects = new Set<number>();
  for (let i = 1; i < count; i++) if (sorted[i] === sorted[i - 1]) suspects.add(sorted[i]!);
  if (suspects.size === 0) return [];
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (let i = 0; i < count && repeated.size < limit; i++) {
    if (!suspects.has(hashes[i]!)) continue;
    const text = textAt(i);
    if (seen.has(text)) repeated.add(text);
    seen.add(text);
  }
  return [...repeated];
}

/** Two multiplicative hashes of the code units, put together to 53 bits (after cyrb53, public domain). */
function hash53(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (b & 0x1fffff) + (a >>> 0);
}
