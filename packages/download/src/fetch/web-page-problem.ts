/** How many of a file's first bytes show whether it is a web page. */
export const HEAD_BYTES = 512;

/**
 * Why a file that was asked for by `name` is none: proxies and hotel networks answer anything with a page of their own
 * and status 200. Undefined when it is no page, or when a page was asked for.
 *
 * @param head the first `HEAD_BYTES` or fewer
 */
export function webPageProblem(name: string, head: Uint8Array): string | undefined {
  if (/\.(x?html?|xml|svg)$/i.test(name)) return undefined;
  const text = Buffer.from(head)
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  if (!/^<(!doctype\s+html|html|head)\b/i.test(text)) return undefined;
  return `a web page instead of the file: it begins with ${JSON.stringify(text.slice(0, 40))}`;
}
