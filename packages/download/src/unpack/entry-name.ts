import { CslError } from "@csl/internal/errors/csl-error";

/**
 * The parts of a path in an archive, none of which leads out of the folder that it is unpacked into. Backslashes count
 * as separators everywhere: some programs write them, and on Windows they are.
 *
 * @throws for an absolute path, one with "..", a drive or a NUL: no archive of data has any
 */
export function entryPath(name: string): string[] {
  const parts = name.split(/[/\\]/);
  const outside = /^[/\\]/.test(name) || /^[a-z]:/i.test(name) || parts.includes("..") || name.includes("\0");
  if (outside)
    throw new CslError(
      "invalid-file",
      `it has a file for ${JSON.stringify(name.slice(0, 100))}, which is outside the folder`,
    );
  return parts.filter((part) => part !== "" && part !== ".");
}

/** A name in an archive as a terminal may show it: without control characters, which could move its cursor, and not too long. */
export function printableName(name: string): string {
  const plain = name.replace(/\p{Cc}/gu, "\u{fffd}");
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}
