import { appendFile, readFile, writeFile } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, test } from "vitest";
import { openJsonLines } from "./json-lines.js";

const { at } = temporaryFolder();
test("lines keep the order of the calls, typed arrays are arrays, a second run appends", async () => {
  const path = at("new", "log.jsonl");
  const log = openJsonLines(path);
  void log.write({ n: 1 });
  await log.write({ n: 2, values: Float32Array.of(0.5) });
  await log.close();
  await appendFile(path, '{"torn":'); // a run that was killed in the middle of a line
  const again = openJsonLines(path);
  await again.write({ n: 3 });
  await again.close();
  const lines = (await readFile(path, "utf8")).split("\n");
  expect(lines).toEqual(['{"n":1}', '{"n":2,"values":[0.5]}', '{"torn":', '{"n":3}', ""]);
});

test("a path that cannot be written is an error with its reason; closing an unused log writes nothing", async () => {
  await writeFile(at("file"), "");
  const log = openJsonLines(at("file", "log.jsonl"));
  await expect(log.write({})).rejects.toThrow(
    /openJsonLines: expected a file that can be written, got .*log\.jsonl/,
  );
  await log.close();
  await openJsonLines(at("unused.jsonl")).close();
  await expect(readFile(at("unused.jsonl"))).rejects.toThrow("ENOENT");
});
