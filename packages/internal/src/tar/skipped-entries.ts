/** Entries of an archive that are left out, by what they are, in words: how many, and the name of the first. */
export type SkippedEntries = Record<string, { count: number; first: string }>;

export function addSkipped(skipped: SkippedEntries, kind: string, name: string): void {
  skipped[kind] ??= { count: 0, first: name };
  skipped[kind].count++;
}

/** `2 sparse files (first: a.jpg), 1 symbolic links (first: b.jpg)`. */
export function describeSkipped(skipped: Readonly<SkippedEntries>): string {
  const kinds = Object.entries(skipped);
  return kinds.map(([what, { count, first }]) => `${count} ${what} (first: ${first})`).join(", ");
}

/** How whoever makes the archive has all in it. */
export const packWhole =
  "Pack sparse files without --sparse, and links with --dereference and --hard-dereference.";
