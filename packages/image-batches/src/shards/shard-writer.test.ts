import { execFileSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { openShards } from "./open-shards.js";
import { createShardWriter, type Shard } from "./shard-writer.js";

const { folder } = temporaryFolder();

const image = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7) % 256);

describe("createShardWriter", () => {
  it("splits by bytes: 1024 at the end, 512 and the padded body per entry", async () => {
    const at = join(folder, "bytes");
    const shards: Shard[] = [];
    // Three samples of 512 + 1024 bytes and the end take 5632.
    const writer = createShardWriter(at, { maxBytes: 5632, onShard: (shard) => void shards.push(shard) });
    for (let i = 0; i < 7; i++) await writer.add(`k${i}`, { jpg: image(600) });
    await writer.close();
    expect(shards).toEqual([
      { name: "shard-000000.tar", samples: 3, bytes: 5632 },
      { name: "shard-000001.tar", samples: 3, bytes: 5632 },
      { name: "shard-000002.tar", samples: 1, bytes: 2560 },
    ]);
    expect((await readdir(at)).sort()).toEqual(shards.map(({ name }) => name));
  });

  it("splits by samples, and starts where it is told to", async () => {
    const at = join(folder, "samples");
    const writer = createShardWriter(at, { maxSamples: 2, prefix: "val", firstShard: 7 });
    for (let i = 0; i < 3; i++) await writer.add(`k${i}`, { jpg: image(9) });
    await writer.close();
    expect((await readdir(at)).sort()).toEqual(["val-000007.tar", "val-000008.tar"]);
  });

  it("writes what tar reads back: body, JSON, mode, time zero", async () => {
    const at = join(folder, "tar");
    const writer = createShardWriter(at);
    await writer.add("train/0001", { jpg: image(1000), json: { positives: ["/m/ü"] } });
    await writer.close();
    const tar = join(at, "shard-000000.tar");
    expect(
      execFileSync("tar", ["-tvf", tar], { encoding: "utf8", env: { ...process.env, TZ: "UTC" } }),
    ).toMatch(/^-rw-r--r-- .* 1000 1970-01-01 00:00 train\/0001\.jpg\n.* train\/0001\.json\n$/);
    execFileSync("tar", ["-xf", tar, "-C", folder]);
    expect(new Uint8Array(await readFile(join(folder, "train/0001.jpg")))).toEqual(image(1000));
    expect(await readFile(join(folder, "train/0001.json"), "utf8")).toBe('{"positives":["/m/ü"]}');
  });

  it.each(["", "a.b", "/a", "dir/", "a\0"])(
    "refuses the key %j, which no reader would give back",
    async (key) => {
      await expect(createShardWriter(folder).add(key, { jpg: image(1) })).rejects.toThrow(/expected a key/);
    },
  );

  it("writes names of any length and alphabet that tar and our own reader give back", async () => {
    const at = join(folder, "long");
    const writer = createShardWriter(at);
    // 100 bytes with ".jpg" are the most that a plain header takes; the record of the third counts its own digits.
    const keys = [
      "a".repeat(96),
      "b".repeat(97),
      `ordner/${"ü".repeat(200)} mit Leerzeichen`,
      "c".repeat(83),
    ];
    for (const [i, key] of keys.entries()) await writer.add(key, { jpg: image(600 + i), json: [i] });
    await writer.close();
    const tar = join(at, "shard-000000.tar");
    const listed = execFileSync("tar", ["-tf", tar, "--quoting-style=literal"], { encoding: "utf8" });
    expect(listed.trim().split("\n")).toEqual(keys.flatMap((key) => [`${key}.jpg`, `${key}.json`]));
    const shards = await openShards(tar, { keepIndex: false });
    expect(keys.map((_, i) => shards.keys.at(i))).toEqual(keys);
    expect(keys.map((_, i) => shards.at(i).length)).toEqual([600, 601, 602, 603]);
  });

  it("says which folder cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    const writer = createShardWriter(join(folder, "file"));
    await expect(writer.add("a", { jpg: image(1) })).rejects.toThrow(
      expect.objectContaining({
        code: "cannot-write",
        message: expect.stringMatching(/cannot write .*file.*a part of its path is a file/),
      }),
    );
  });
});
