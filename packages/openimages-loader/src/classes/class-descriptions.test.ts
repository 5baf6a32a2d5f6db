import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readClassDescriptions, readClassIds } from "./class-descriptions.js";
import { readHierarchy } from "./hierarchy.js";
import { readMidToClasses } from "./mid-to-classes.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-classes-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const write = async (content: string | Uint8Array): Promise<string> => {
  const path = join(folder, "classes");
  await writeFile(path, content);
  return path;
};

// Commas, inner quotes, other scripts and repeated names are in the real file (13, 1, 363 and 12 of 19,994).
const rows =
  '/m/04hgtk,Head\n/m/0fiat,"Fiat 500 ""topolino"""\n/m/0a,"Tiger, white"\n/g/11b6c8yp_3,Café\n/m/0c,画像\n/m/0d,Head\n';
const entries = [
  { id: "/m/04hgtk", name: "Head" },
  { id: "/m/0fiat", name: 'Fiat 500 "topolino"' },
  { id: "/m/0a", name: "Tiger, white" },
  { id: "/g/11b6c8yp_3", name: "Café" },
  { id: "/m/0c", name: "画像" },
  { id: "/m/0d", name: "Head" },
];

test.each([
  ["with the header", `LabelName,DisplayName\n${rows}`],
  ["without one, as the boxable file", rows],
  ["CR LF and a byte-order mark", `\uFEFFLabelName,DisplayName\r\n${rows.replaceAll("\n", "\r\n")}`],
  ["no last newline, blank lines", `\n${rows.trim()}`],
  ["gzipped", gzipSync(rows)],
])("class descriptions: %s", async (_, content) => {
  expect((await readClassDescriptions(await write(content))).toJSON()).toEqual(entries);
});

test("descriptions with a name that lost its quotes, a repeated id, an open quote, or nothing are refused", async () => {
  await expect(readClassDescriptions(await write("/m/0a,Dog\n/m/0b,Tiger, white\n"))).rejects.toThrow(
    /expected "MID,name" in .*classes:2, got "\/m\/0b,Tiger, white"\. Names with commas need quotes/,
  );
  await expect(readClassDescriptions(await write("/m/0a,Dog\n/m/0a,Cat\n"))).rejects.toThrow(
    "expected every id once",
  );
  await expect(readClassDescriptions(await write('/m/0a,Dog\n/m/0b,"Cat\n'))).rejects.toThrow(
    "unclosed quote",
  );
  await expect(readClassDescriptions(await write(""))).rejects.toThrow("expected classes in");
});

test("class ids one a line", async () => {
  expect(await readClassIds(await write("/m/0b\r\n/m/0a\n\n/g/1_x"))).toEqual(["/m/0b", "/m/0a", "/g/1_x"]);
  expect(await readClassIds(await write("\uFEFFLabelName\n/m/0b\n"))).toEqual(["/m/0b"]);
  await expect(readClassIds(await write("/m/0b,Dog\n"))).rejects.toThrow('classes:1, got "/m/0b,Dog"');
  await expect(readClassIds(await write("/m/0b\n/m/0b\n"))).rejects.toThrow("classes:2");
  await expect(readClassIds(await write("\n"))).rejects.toThrow("got none");
});

test("every small file that is not there is named by its reader", async () => {
  for (const [name, read] of Object.entries({
    readClassDescriptions,
    readClassIds,
    readHierarchy,
    readMidToClasses,
  }))
    await expect(read("none")).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringMatching(`^${name}: .*expected a file.*got ENOENT. Is the path right\\?$`),
    });
});
