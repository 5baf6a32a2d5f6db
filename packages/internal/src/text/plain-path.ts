import { posix } from "node:path";

const URL_START = /^[a-z][a-z\d+.-]+:\/\//i;

/** Whether a text is a URL (`https://…`, `s3://…`, `file:///…`). A drive's letter is no scheme. */
export const isUrl = (text: string): boolean => URL_START.test(text);

/**
 * One form for a path however it was written: "/" between the parts (Windows writes "\"), no "./", "//" or "a/../", no
 * blanks around. A URL keeps its form.
 */
export function plainPath(path: string): string {
  const trimmed = path.trim();
  if (isUrl(trimmed)) return trimmed;
  const slashed = trimmed.replaceAll("\\", "/");
  return /\/\/|(?:^|\/)\.\.?(?:\/|$)/.test(slashed) ? posix.normalize(slashed) : slashed;
}
