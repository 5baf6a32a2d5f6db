import { createReadStream, type ReadStream } from "node:fs";
import { Duplex, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import type { Archive, ArchiveEntry } from "./archive.js";
import { TarSpecials } from "./tar-specials.js";

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
      const specials = new TarSpecials();
      const filter = Duplex.from((blocks: AsyncIterable<Uint8Array>) => specials.pass(blocks));
      const flow = pipeline(source, createGunzip(), filter, tar as unknown as NodeJS.WritableStream);
      flow.catch(() => {}); // it is awaited below, unless the tar itself is what fails
      try {
        for await (const content of tar) {
          const { type, size } = content.header;
          const { isSparse, what } = specials.next() ?? { isSparse: false, what: "special entries" };
          const known = kinds[type ?? ""] ?? "special";
          const kind = isSparse && known === "file" ? "special" : known;
          yield {
            name: tarName(content.header),
            kind,
            what,
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

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The name of a tar's entry, whose bytes tar-stream gives as Latin-1 here: UTF-8 where they are that, else Latin-1. As
 * UTF-8 alone, all bytes of an older encoding would become one and the same character, and files of different names
 * would replace each other.
 */
function tarName({ name, pax }: Header): string {
  const sparse = (pax as { "GNU.sparse.name"?: string } | undefined)?.["GNU.sparse.name"];
  if (sparse !== undefined) return sparse; // the path of a sparse file is made up
  if ((pax as { path?: string } | undefined)?.path !== undefined) return name; // always UTF-8, and read as such
  try {
    return utf8.decode(Buffer.from(name, "latin1"));
  } catch {
    return name;
  }
}
