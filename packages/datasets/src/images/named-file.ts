import { isUrl, plainPath } from "@csl/internal/text/plain-path";

/** Which file a label file means by a name. */
export interface NamedFile {
  /** "/" between the parts, never with one in front. */
  path: string;
  /** Whether the path begins at a root of its own: of a disk, of another machine, of a server. */
  isRooted: boolean;
}

const IMAGE = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp)$/i;
const DRIVE = /^[a-z]:\//i;

/**
 * The file that a name means when there is none of exactly that name: backslashes are slashes, a URL is its path, `%20` is
 * a blank, and a query behind the ending of an image is left out.
 */
export function namedFile(name: string): NamedFile {
  let path = plainPath(name);
  let isRooted = false;
  if (isUrl(path)) {
    isRooted = true;
    path = plainPath(path.replace(/^[^/]*\/\/[^/?#]*/, "").replace(/#.*$/, ""));
  }
  const query = path.search(/[?#]/);
  if (query >= 0 && IMAGE.test(path.slice(0, query))) path = path.slice(0, query);
  path = unescaped(path);
  if (DRIVE.test(path)) {
    isRooted = true;
    path = path.slice(2);
  }
  return { path: path.replace(/^\/+/, ""), isRooted: isRooted || path.startsWith("/") };
}

/** `%20` and the like as characters; a text that is not escaped so stays as it is. */
export function unescaped(text: string): string {
  if (!/%[\da-f]{2}/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
