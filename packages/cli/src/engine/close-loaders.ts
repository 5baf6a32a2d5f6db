import type { ImageLoader } from "@csl/image-batches";
import type { Terminal } from "../terminal/terminal.js";

let left = 0;

/** Threads of this process that wait for a disk which does not answer. Node would wait for them at its end. */
export function threadsLeft(): number {
  return left;
}

/** Ends the threads of loaders; tells of those that cannot be ended. */
export async function closeLoaders(
  loaders: readonly Pick<ImageLoader, "close" | "threadsLeft">[],
  terminal: Terminal,
): Promise<void> {
  await Promise.all(loaders.map((loader) => loader.close()));
  const stuck = loaders.reduce((sum, { threadsLeft }) => sum + threadsLeft, 0);
  left += stuck;
  if (stuck > 0)
    terminal.info(
      `${stuck === 1 ? "a thread waits" : `${stuck} threads wait`} for a file of an image, whose disk or server does not answer`,
    );
}
