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
    throw new Error(
      `it wants to write to ${JSON.stringify(name.slice(0, 100))}, which is outside the folder`,
    );
  return parts.filter((part) => part !== "" && part !== ".");
}
