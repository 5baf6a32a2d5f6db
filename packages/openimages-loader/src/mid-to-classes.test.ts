import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readMidToClasses } from "./mid-to-classes.js";
import { repairClassName } from "./repair-class-name.js";

const fixtures = join(import.meta.dirname, "../fixtures");
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-pth-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const names = new Map([
  ["/m/011k07", "Tortoise"],
  ["/m/0fiat", 'Fiat 500 "topolino"'],
  ["/m/0a", "Café, crème"],
  ["/m/0b", "画像"],
  ["/g/11b6c8yp_3", ' "Chair'],
]);

test.each([
  "mid_to_classes.pth",
  "mid_to_classes-legacy.pth",
  "mid_to_classes-ordered.pth",
  ...[0, 1, 2, 3, 4, 5].map((protocol) => `names-${protocol}.pickle`),
])("%s, as PyTorch or Python wrote it", async (name) => {
  expect(await readMidToClasses(join(fixtures, name))).toEqual(names);
});

test("a deflated entry of a zip", async () => {
  const pickle = await readFile(join(fixtures, "names-2.pickle"));
  const stored = deflateRawSync(pickle);
  const name = Buffer.from("archive/data.pkl");
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(stored.length, 20);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(30 + name.length + stored.length, 16);
  const path = join(folder, "deflated.pth");
  await writeFile(path, Buffer.concat([local, name, stored, entry, name, end]));
  expect(await readMidToClasses(path)).toEqual(names);
});

test("nothing but a dictionary of texts: Python objects and calls are refused, not built", async () => {
  await expect(readMidToClasses(join(fixtures, "tensor.pth"))).rejects.toThrow(
    /readMidToClasses: .*tensor\.pth: expected a pickle of plain texts and numbers, got .*torch\._utils\._rebuild_tensor_v2/,
  );
  // os.system("true"), as `pickle` writes a call.
  const path = join(folder, "evil.pkl");
  await writeFile(path, Buffer.from("cos\nsystem\n(S'true'\ntR.", "latin1"));
  await expect(readMidToClasses(path)).rejects.toThrow("the Python object os.system at byte 0");
  for (const other of ["]q\x00.", "}q\x00K\x01K\x02s.", "garbage", ""]) {
    await writeFile(path, Buffer.from(other, "latin1"));
    await expect(readMidToClasses(path)).rejects.toThrow(/^readMidToClasses: .*evil\.pkl: expected/);
  }
});

test("a file cut off anywhere is an error of ours", async () => {
  for (const name of ["mid_to_classes.pth", "mid_to_classes-legacy.pth"]) {
    const bytes = await readFile(join(fixtures, name));
    // What was saved in the older form ends before the list of storages that follows it.
    const whole = name.includes("legacy") ? bytes.length - 40 : bytes.length;
    for (let length = 0; length < whole; length += 7) {
      const path = join(folder, "cut.pth");
      await writeFile(path, bytes.subarray(0, length));
      await expect(readMidToClasses(path), `${name} ${length}`).rejects.toThrow("readMidToClasses");
    }
  }
});

test.each([
  ['"Fiat 500 ""topolino"""', 'Fiat 500 "topolino"'],
  [' "Chair', "Chair"],
  ['crème"', "crème"],
  ['Fiat 500 "topolino"', 'Fiat 500 "topolino"'],
  [" Dog ", "Dog"],
])("the name %j is repaired to %j", (damaged, repaired) => {
  expect(repairClassName(damaged)).toBe(repaired);
});
