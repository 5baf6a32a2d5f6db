import { expect, test } from "vitest";
import { formatResults } from "./format-results.js";
import { runFuzz } from "./run-fuzz.js";

test("counts what readers with one fault each do, and goes on behind every fault", async () => {
  const targets = ["sound", "throws", "rejects-later", "refuses-samples", "hangs", "never-answers", "grows"];
  const module = new URL("./faulty-targets.ts", import.meta.url).href;
  const results = await runFuzz({ module, targets, count: 2, seed: 1, seconds: 1.5, memory: 64 });
  const counted = results.map(({ target, tried, read, refused, faults }) => [
    target,
    tried,
    read,
    refused,
    faults.map(({ index, kind }) => `${index} ${kind}`).join(),
  ]);
  // The first input is the sample, which all but one read.
  expect(counted).toEqual([
    ["sound", 2, 1, 1, ""],
    ["throws", 2, 1, 0, "1 raw error"],
    ["rejects-later", 2, 1, 0, "1 raw error"],
    ["refuses-samples", 2, 0, 1, "0 raw error"],
    ["hangs", 2, 1, 0, "1 hang"],
    ["never-answers", 2, 1, 0, "1 hang"],
    ["grows", 2, 1, 0, "1 memory"],
  ]);
  expect(formatResults(results, { seed: 1 })).toContain(
    "pnpm fuzz --seed 1 --targets hangs --from 1 --count 1",
  );
});
