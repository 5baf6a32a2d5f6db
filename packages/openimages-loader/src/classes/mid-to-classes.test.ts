import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readMidToClasses, repairClassName } from "./mid-to-classes.js";

const fixtures = join(import.meta.dirname, "../../fixtures");
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

test("nothing but a dictionary of texts: Python objects and calls are refused, not built", async () => {
  await expect(readMidToClasses(join(fixtures, "tensor.pth"))).rejects.toThrow(
    /^readMidToClasses: .*tensor\.pth: expected texts, got \/m\/0a → something else\. It is meant for/,
  );
  // os.system("true"), as `pickle` writes a call.
  const path = join(folder, "evil.pkl");
  await writeFile(path, Buffer.from("cos\nsystem\n(S'true'\ntR.", "latin1"));
  await expect(readMidToClasses(path)).rejects.toThrow("a pickled object of the class os.system");
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
