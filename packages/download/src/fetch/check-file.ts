import { createHash } from "node:crypto";
import { imageProblem, TAIL_BYTES } from "./image-problem.js";
import type { FetchFiles } from "./part-file.js";
import { HEAD_BYTES, webPageProblem } from "./web-page-problem.js";

/** What is known about a file beforehand. */
export type Expected = {
  size?: number | undefined;
  /** MD5 in base64 (as OpenImages writes it) or in hexadecimal digits. Several must all match. */
  md5?: readonly (string | undefined)[];
  /** Whether it must look like a whole image. */
  image?: boolean;
};

/** Why a file is not what was expected; undefined when nothing speaks against it. */
export async function checkFile(
  path: string,
  { size, md5 = [], image = false }: Expected,
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
    if (image) {
      const tail = Math.min(length, TAIL_BYTES);
      const problem = imageProblem(await read(0, 16), await read(length - tail, tail));
      if (problem) return problem;
    } else {
      const problem = webPageProblem(path.replace(/\.part$/, ""), await read(0, HEAD_BYTES));
      if (problem) return problem;
    }
    const sums = md5.filter((sum) => sum !== undefined && sum !== "") as string[];
    if (sums.length === 0) return undefined;
    const hash = createHash("md5");
    for await (const block of file.createReadStream({ start: 0, autoClose: false })) hash.update(block);
    const got = hash.digest();
    const wrong = sums.find(
      (sum) => sum !== got.toString("base64") && sum.toLowerCase() !== got.toString("hex"),
    );
    return wrong && `expected MD5 ${wrong}, got ${got.toString("base64")}`;
  } finally {
    await file.close();
  }
}
