import { beforeAll, expect, it } from "vitest";
import { formatResults } from "./format-results.js";
import { type FuzzResult, runFuzz } from "./run-fuzz.js";
import { targets } from "./targets.js";

const names = targets.map(({ name }) => name);
let results: FuzzResult[];

// A short run, in CI on every push: `pnpm fuzz` tries more.
const COUNT = 60;

beforeAll(async () => {
  const module = new URL("./targets.ts", import.meta.url).href;
  results = await runFuzz({ module, targets: names, count: COUNT, seed: 1 });
}, 600_000);

it.each(names)("%s: damaged files are read or refused in words, in bounded time and memory", (name) => {
  const result = results.find(({ target }) => target === name)!;
  expect(result.faults, formatResults([result], { seed: 1 })).toEqual([]);
  expect(result.tried).toBe(COUNT);
  expect(result.refused).toBeGreaterThan(0);
});
