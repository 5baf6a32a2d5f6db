import { open } from "node:fs/promises";

const BLOCK = 1 << 18;

/** Whether two files hold the same bytes. Nothing is read of files that differ in length. */
export async function haveSameBytes(a: string, b: string): Promise<boolean> {
  const first = await open(a, "r");
  try {
    const second = await open(b, "r");
    try {
      const { size } = await first.stat();
      if ((await second.stat()).size !== size) return false;
      const blocks = [Buffer.alloc(Math.min(BLOCK, size)), Buffer.alloc(Math.min(BLOCK, size))] as const;
      for (let at = 0; at < size; ) {
        const [one, two] = await Promise.all([
          first.read(blocks[0], 0, blocks[0].length, at),
          second.read(blocks[1], 0, blocks[1].length, at),
        ]);
        const { bytesRead } = one;
        if (bytesRead === 0 || bytesRead !== two.bytesRead) return false; // one is being written
        if (!blocks[0].subarray(0, bytesRead).equals(blocks[1].subarray(0, bytesRead))) return false;
        at += bytesRead;
      }
      return true;
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
  }
}
