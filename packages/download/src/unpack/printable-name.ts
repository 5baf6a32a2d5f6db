/** What a terminal may be told of a name in an archive: no control characters, which could move its cursor, and no end. */
export function printableName(name: string): string {
  const plain = name.replace(/\p{Cc}/gu, "\u{fffd}");
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}
