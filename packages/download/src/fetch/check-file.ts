import { createHash } from "node:crypto";
import type { FetchFiles } from "../files.js";

/** What is known about a file beforehand. */
export type Expected = {
  size?: number | undefined;
  /** MD5 in base64 or in hexadecimal digits. Several must all match. */
  md5?: readonly (string | undefined)[];
  /** SHA-256 in hexadecimal digits. */
  sha256?: string | undefined;
  /** Whether it must look like a whole image. */
  image?: boolean;
  /** A further check of the whole file: what is wrong with it. */
  inspect?: ((path: string) => Promise<string | undefined>) | undefined;
};

/** How many of a file's first bytes show whether it is an image or a web page. */
const HEAD_BYTES = 512;
/** Bytes at a file's end among which the end marker of a JPEG is looked for: some programs pad or append a little. */
const TAIL_BYTES = 1024;

/** Why a file is not what was expected; undefined when nothing was found. */
export async function checkFile(
  path: string,
  { size, md5 = [], sha256, image = false, inspect }: Expected,
  { open }: Pick<FetchFiles, "open">,
): Promise<string | undefined> {
  const file = await open(path, "r");
  try {
    const length = (await file.stat()).size;
    if (size !== undefined && length !== size) return `expected ${size} bytes, got ${length}`;
    const read = async (from: number, count: number): Promise<Uint8Array> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, from);
      return buffer.subarray(0, bytesRead);
    };
    const tail = Math.min(length, TAIL_BYTES);
    const head = await read(0, HEAD_BYTES);
    const problem = image
      ? imageProblem(head, await read(length - tail, tail))
      : standInProblem(path.replace(/\.part$/, ""), head);
    if (problem) return problem;
    const hashOf = async (algorithm: string): Promise<Buffer> => {
      const hash = createHash(algorithm);
      for await (const block of file.createReadStream({ start: 0, autoClose: false })) hash.update(block);
      return hash.digest();
    };
    if (sha256 !== undefined) {
      const got = (await hashOf("sha256")).toString("hex");
      if (got !== sha256.toLowerCase()) return `expected SHA-256 ${sha256}, got ${got}`;
    }
    const sums = md5.filter((sum) => sum !== undefined && sum !== "") as string[];
    if (sums.length === 0) return await inspect?.(path);
    const got = await hashOf("md5");
    const wrong = sums.find(
      (sum) => sum !== got.toString("base64") && sum.toLowerCase() !== got.toString("hex"),
    );
    return wrong ? `expected MD5 ${wrong}, got ${got.toString("base64")}` : await inspect?.(path);
  } finally {
    await file.close();
  }
}

/** How image files begin. */
const SIGNATURES: Readonly<Record<string, readonly number[]>> = {
  JPEG: [0xff, 0xd8, 0xff],
  PNG: [0x89, 0x50, 0x4e, 0x47],
  GIF: [0x47, 0x49, 0x46, 0x38],
  WebP: [0x52, 0x49, 0x46, 0x46],
};

/**
 * Why bytes are no whole image, by their first and last ones; undefined when they may be one. It finds web pages sent
 * with status 200 and JPEGs that stop early, without decoding anything.
 */
function imageProblem(head: Uint8Array, tail: Uint8Array): string | undefined {
  if (head.length === 0) return "an empty file";
  const format = Object.keys(SIGNATURES).find((name) =>
    SIGNATURES[name]!.every((byte, i) => head[i] === byte),
  );
  if (!format) {
    const text = Buffer.from(head.subarray(0, 16)).toString("latin1");
    return `not an image: it begins with ${JSON.stringify(text)}`;
  }
  if (format === "JPEG" && Buffer.from(tail).lastIndexOf(Buffer.from([0xff, 0xd9])) < 0)
    return "a JPEG without its end";
  return undefined;
}

/**
 * Why a file that was asked for by `name` is not it: proxies and hotel networks answer anything with a page of their
 * own and status 200, and a copy of a Git repository without its large files has notes in their place. Undefined when it
 * is neither, or when a page was asked for.
 */
function standInProblem(name: string, head: Uint8Array): string | undefined {
  if (Buffer.from(head).toString("latin1").startsWith("version https://git-lfs.github.com/spec/"))
    return "a note of Git LFS instead of the file, which the server does not have";
  if (/\.(x?html?|xml|svg)$/i.test(name)) return undefined;
  const text = Buffer.from(head)
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  if (!/^<(!doctype\s+html|html|head)\b/i.test(text)) return undefined;
  return `a web page instead of the file: it begins with ${JSON.stringify(text.slice(0, 40))}`;
}
