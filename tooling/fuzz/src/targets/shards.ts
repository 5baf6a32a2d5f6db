import { writeFileSync } from "node:fs";
import { FileRanges, openShards } from "@csl/image-batches";
import type { Random } from "@csl/internal/random/mulberry32";
import { below, mutate, pick } from "../mutate.js";
import type { FuzzTarget } from "../target.js";

const block = 512;

/** A tar of samples: what is read is indexed, found by its key, and taken out. */
export const shards: FuzzTarget = {
  name: "tar",
  samples: () => [
    archive([]),
    archive([["x", "30 path=folder/long-name.jpg\n"]]),
    archive([["L", `${"n".repeat(200)}.jpg\0`]]),
  ],
  async read(input, at) {
    const path = at("shard-000000.tar");
    writeFileSync(path, input);
    const set = await openShards(path, { keepIndex: false });
    const ranges = new FileRanges();
    try {
      for (let i = 0; i < Math.min(set.length, 20); i++) {
        set.keys.indexOf(set.keys.at(i));
        const place = set.at(i);
        if (typeof place !== "string") await ranges.read(place);
      }
    } finally {
      ranges.close();
    }
  },
  words: ["ustar\0", "../", "/", ".jpg", ".json", "GNU.sparse.size=9999999999999\n", "path=\n", "size=-1\n"],
  mutate: mutateEntry,
};

/** Samples of an image, a label and an extended header of this kind. */
function archive(extended: readonly (readonly [type: string, text: string])[]): Buffer {
  const parts = extended.map(([type, text]) => entry("extended", Buffer.from(text), type));
  for (const name of ["a", "b/c", "22.01"])
    parts.push(
      entry(`${name}.jpg`, Buffer.from([255, 216, 255, 217])),
      entry(`${name}.json`, Buffer.from("{}")),
    );
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function entry(name: string, data: Buffer, type = "0"): Buffer {
  const header = Buffer.alloc(block);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write(`${data.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write(type, 156);
  header.write("ustar\x0000", 257);
  return Buffer.concat([summed(header), data, Buffer.alloc((block - (data.length % block)) % block)]);
}

function summed(header: Buffer): Buffer {
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** A header whose fields changed and whose sum is right again. */
function mutateEntry(sample: Uint8Array, random: Random): Buffer {
  const bytes = Buffer.from(sample);
  const at = block * below(random, Math.floor(bytes.length / block));
  const header = Buffer.from(bytes.subarray(at, at + block));
  const [from, to] = pick(random, [
    [0, 100],
    [124, 136],
    [156, 157],
    [257, 265],
    [345, 500],
  ] as const);
  const field = mutate(header.subarray(from, to), random, {
    words: ["-1", "777777777777", "\xff", "x", "g", "S", "K"],
    other: header,
  });
  Buffer.from(field.subarray(0, to - from)).copy(header, from);
  return Buffer.concat([bytes.subarray(0, at), summed(header), bytes.subarray(at + block)]);
}
