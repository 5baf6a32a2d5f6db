import { readFile } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeEach, expect, it, vi } from "vitest";
import { startCommandEngine } from "../engine/start-command-engine.js";
import { runCommand } from "../run-command.js";
import { silent } from "../terminal/terminal.js";

const { at } = temporaryFolder();
let printed = "";
const streams = {
  out: { write: (text: string) => (printed += text) },
  err: { write: (text: string) => (printed += text) },
};
const csl = (...words: string[]): Promise<void> => runCommand(words, streams);

beforeEach(() => {
  printed = "";
  vi.stubEnv("CSL_CACHE", at("cache"));
  vi.stubEnv("CSL_ENGINE", "");
  vi.stubEnv("LIBTORCH", at("none")); // the first use of torch may compile it
  return () => vi.unstubAllEnvs();
});

it("csl engines --measure: a real step on each engine, in a process of its own; a training of that size takes the fastest", async () => {
  await csl("engines", "--measure", "--image-size", "20", "--batch-size", "2", "--json", at("engines.json"));
  expect(printed).toMatch(/^measuring wasm$/m);
  expect(printed).toMatch(
    /A training step of tresnet_tiny, 20 px, 2 images a step, \d{4}-\d\d-\d\d:\nengine +images\/s/,
  );
  expect(printed).toMatch(/^wasm +[\d.]+ +1\.00 x +float32$/m);
  expect(printed).toContain(`kept in ${at("cache", "engines.json")}; delete the file to forget`);
  const { format, engines, work } = JSON.parse(await readFile(at("engines.json"), "utf8"));
  expect(format).toBe("csl-engine-list/1");
  expect(engines.at(-1)).toMatchObject({ name: "wasm", precision: "float32", device: expect.any(String) });

  printed = "";
  const { reason } = await startCommandEngine({}, silent, { work });
  expect(reason).toMatch(/^measured fastest here on .* \(tresnet_tiny, 20 px, 2 images a step/);
  await csl("engines");
  expect(printed).toMatch(
    /→ wasm[\s\S]*Measured here.*:\n {2}.*, tresnet_tiny, 20 px, 2 images a step, float32: .*wasm [\d.]+/,
  );
});

it("refuses what means nothing without --measure", async () => {
  await expect(csl("engines", "--image-size", "64")).rejects.toThrow(/expected --measure with --image-size/);
});
