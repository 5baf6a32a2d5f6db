/** How image files begin. */
const SIGNATURES: Readonly<Record<string, readonly number[]>> = {
  JPEG: [0xff, 0xd8, 0xff],
  PNG: [0x89, 0x50, 0x4e, 0x47],
  GIF: [0x47, 0x49, 0x46, 0x38],
  WebP: [0x52, 0x49, 0x46, 0x46],
};

/** Bytes of a file's end among which the end marker of a JPEG is looked for: some writers pad or append a little. */
export const TAIL_BYTES = 1024;

/**
 * Why bytes are no whole image, by their first and last ones; undefined when they may be one. It finds web pages sent
 * with status 200 and JPEGs that stop early, without decoding anything.
 *
 * @param head at least the first 16 bytes
 * @param tail the last `TAIL_BYTES` or fewer
 */
export function imageProblem(head: Uint8Array, tail: Uint8Array): string | undefined {
  if (head.length === 0) return "an empty file";
  const format = Object.keys(SIGNATURES).find((name) =>
    SIGNATURES[name]!.every((byte, i) => head[i] === byte),
  );
  if (!format) {
    const text = Buffer.from(head.subarray(0, 16)).toString("latin1");
    return `no image: it begins with ${JSON.stringify(text)}`;
  }
  if (format === "JPEG" && Buffer.from(tail).lastIndexOf(Buffer.from([0xff, 0xd9])) < 0)
    return "a JPEG without its end";
  return undefined;
}
