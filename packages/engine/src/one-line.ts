/** The gist of whatever was thrown: the first line of its message, at most 160 characters. */
export function oneLine(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const first =
    message
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? "unknown error";
  return first.length > 160 ? `${first.slice(0, 159)}…` : first;
}
