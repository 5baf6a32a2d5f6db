import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jsonLines } from "./json-lines.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "json-lines-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("lines keep the order of the calls, typed arrays are arrays, a second run appends", async () => {
  const path = join(folder, "new", "log.jsonl");
  const log = jsonLines(path);
  void log.write({ n: 1 });
  await log.write({ n: 2, values: Float32Array.of(0.5) });
  await log.close();
  await appendFile(path, '{"torn":'); // a run that was killed in the middle of a line
  const again = jsonLines(path);
  await again.write({ n: 3 });
  await again.close();
  const lines = (await readFile(path, "utf8")).split("\n");
  expect(lines).toEqual(['{"n":1}', '{"n":2,"values":[0.5]}', '{"torn":', '{"n":3}', ""]);
});

test("a path that cannot be written is an error with its reason; closing an unused log writes nothing", async () => {
  await writeFile(join(folder, "file"), "");
  const log = jsonLines(join(folder, "file", "log.jsonl"));
  await expect(log.write({})).rejects.toThrow(
    /jsonLines: expected a file that can be written, got .*log\.jsonl/,
  );
  await log.close();
  await jsonLines(join(folder, "unused.jsonl")).close();
  await expect(readFile(join(folder, "unused.jsonl"))).rejects.toThrow("ENOENT");
});
