import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

/** The same time in every archive: with the clock's, the bytes that a test damages would differ from run to run. */
const mtime = new Date(0);

/** A gzipped tar of these entries, for tests: a text is a file, a header says what else it is. */
export async function makeTarGz(
  entries: readonly (readonly [name: string, content: string | Uint8Array | Omit<Partial<Header>, "name">])[],
): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of entries) {
    if (typeof content === "string" || content instanceof Uint8Array) tar.entry({ name, mtime }, content);
    else tar.entry({ name, mtime, ...content });
  }
  tar.finalize();
  const blocks: Uint8Array[] = [];
  for await (const block of tar as unknown as AsyncIterable<Uint8Array>) blocks.push(block);
  return gzipSync(Buffer.concat(blocks), { level: 1 });
}
