import { createReadStream, type ReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import type { Archive, ArchiveEntry } from "./archive.js";
import { tarName } from "./tar-name.js";

const kinds: Readonly<Record<string, ArchiveEntry["kind"]>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "folder",
};

/** See `tarName`. The types of tar-stream do not know the option. */
const latin1Names: object = { filenameEncoding: "latin1" };

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
      const tar = extract(latin1Names);
      const flow = pipeline(source, createGunzip(), tar as unknown as NodeJS.WritableStream);
      flow.catch(() => {}); // it is awaited below, unless the tar itself is what fails
      try {
        for await (const content of tar) {
          const { type, size } = content.header;
          const kind = kinds[type ?? ""] ?? "link or device";
          yield {
            name: tarName(content.header),
            kind,
            size,
            open: async () => content as unknown as Readable,
          };
          content.resume();
        }
        await flow;
      } finally {
        source.destroy();
        tar.destroy();
      }
    },
  };
}
