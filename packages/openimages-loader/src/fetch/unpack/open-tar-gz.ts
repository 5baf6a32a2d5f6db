import { createReadStream, type ReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import type { Archive, ArchiveEntry } from "./archive.js";

const kinds: Readonly<Record<string, ArchiveEntry["kind"]>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "folder",
};

/**
 * A gzipped tar. Nothing in it says beforehand what comes; what came is known to be right only when gzip's checksum at
 * the very end agrees.
 */
export async function openTarGz(path: string): Promise<Archive> {
  let source: ReadStream | undefined;
  return {
    position: () => source?.bytesRead ?? 0,
    close: () => source?.destroy(),
    async *entries() {
      source = createReadStream(path, { highWaterMark: 1 << 18 });
      const tar = extract();
      const flow = pipeline(source, createGunzip(), tar as unknown as NodeJS.WritableStream);
      flow.catch(() => {}); // it is awaited below, unless the tar itself is what fails
      let files = 0;
      try {
        for await (const content of tar) {
          const { name, type, size } = content.header;
          const kind = kinds[type ?? ""] ?? "link or device";
          files++;
          yield { name, kind, size, open: async () => content as unknown as Readable };
          content.resume();
        }
        await flow;
        if (files === 0) throw new Error("there is nothing in it");
      } finally {
        source.destroy();
        tar.destroy();
      }
    },
  };
}
