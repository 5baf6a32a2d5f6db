import { readdir, readFile, writeFile } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, test } from "vitest";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
import { parseCheckpoint, stringifyCheckpoint } from "./checkpoint-bytes.js";
import type { Checkpoint } from "./checkpoint-parts.js";
import { parseSafetensors } from "./safetensors-bytes.js";

const { folder, at, file } = temporaryFolder();

const makeState = (...data: number[]) =>
  new Map([
    ["fc.weight", { shape: [1, data.length], data: Float32Array.from(data) }],
    ["bn.num_batches_tracked", { shape: [], data: Float32Array.of(3) }],
  ]);

const checkpoint: Checkpoint = {
  state: makeState(1, 2),
  ema: makeState(3, 4),
  weights: "raw",
  classes: { ids: ["/m/01", "/m/02"], names: ["Cat", "Cat"] }, // display names may repeat
  config: { imageSize: 64, nested: [null, "ü"] },
  training: {
    progress: {
      epoch: 2,
      batch: 0,
      trained: false,
      lossSum: 0,
      lossSteps: 0,
      lossImages: 0,
      best: { score: 0.5, weights: "ema", epoch: 1 },
    },
    adam: {
      step: 7,
      moment1: new Map([["fc.weight", Float32Array.of(0.1, 0.2)]]),
      moment2: new Map([["fc.weight", Float32Array.of(0.3, 0.4)]]),
    },
    emaUpdates: 7,
    settings: { lr: 0.1 },
  },
};

test("everything that is saved comes back", async () => {
  const path = at("last.safetensors");
  await saveCheckpoint(path, checkpoint);
  expect(await loadCheckpoint(path, { classes: checkpoint.classes! })).toEqual(checkpoint);
});

test("the bytes that a browser makes and reads are those of the file", async () => {
  const path = at("bytes.safetensors");
  await saveCheckpoint(path, checkpoint);
  const bytes = await readFile(path);
  expect(Buffer.from(stringifyCheckpoint(checkpoint)).equals(bytes)).toBe(true);
  expect(parseCheckpoint(bytes)).toEqual(checkpoint);
  expect(() => parseCheckpoint(bytes, { classes: { ids: ["dog"] } })).toThrow(
    /^parseCheckpoint: expected the 1 classes of the data, got 2 in the file/,
  );
  expect(() => stringifyCheckpoint({ state: makeState(Number.NaN) })).toThrow(
    "stringifyCheckpoint: expected finite weights",
  );
});

test("the file is a state dict to others: the model's own keys, its counters as int64", async () => {
  const path = at("plain.safetensors");
  await saveCheckpoint(path, { state: checkpoint.state });
  const bytes = await readFile(path);
  expect([...parseSafetensors(bytes).tensors.keys()]).toEqual(["fc.weight", "bn.num_batches_tracked"]);
  expect(bytes.toString("latin1")).toContain('"bn.num_batches_tracked":{"dtype":"I64"');
  expect(await loadCheckpoint(path)).toEqual({ state: checkpoint.state, weights: "raw" });
});

test("a save that fails leaves the old file whole and nothing beside it", async () => {
  const own = file("own", "old");
  await expect(saveCheckpoint(at("own", "last.safetensors"), checkpoint)).rejects.toThrow(
    /^saveCheckpoint: cannot write .*last\.safetensors: a part of its path is a file/,
  );
  await expect(saveCheckpoint(own, { state: makeState(1, Number.NaN) })).rejects.toThrow(
    'expected finite weights, got NaN in "fc.weight"',
  );
  const torn = {
    ...checkpoint,
    config: { toJSON: () => undefined },
    ema: new Map([["x", { shape: [9], data: new Float32Array(1) }]]),
  };
  await expect(saveCheckpoint(own, torn)).rejects.toThrow("expected 9 numbers");
  expect(await readFile(own, "utf8")).toBe("old");
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("other classes are refused with the first ids that differ", async () => {
  const path = at("classes.safetensors");
  await saveCheckpoint(path, checkpoint);
  const load = (...ids: string[]) => loadCheckpoint(path, { classes: { ids } });
  await expect(load("/m/02", "/m/01")).rejects.toThrow(
    /2 positions differ, first: expected \/m\/02, \/m\/01, got \/m\/01, \/m\/02/,
  );
  await expect(load("/m/01", "/m/02", "/m/03")).rejects.toThrow(
    /expected the 3 classes of the data, got 2 .* 1 positions differ, first: expected \/m\/03, got none/,
  );
  await saveCheckpoint(path, { state: checkpoint.state });
  await expect(load("/m/01")).rejects.toThrow("expected a checkpoint with its classes");
});

test("a missing, cut off or foreign file is refused by name", async () => {
  const path = at("broken.safetensors");
  await expect(loadCheckpoint(path)).rejects.toThrow(
    /^loadCheckpoint: expected a safetensors file at .*broken\.safetensors, got ENOENT/,
  );
  await saveCheckpoint(path, checkpoint);
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length - 1));
  await expect(loadCheckpoint(path)).rejects.toThrow(
    /^loadCheckpoint: .*broken\.safetensors: expected .* cut off/,
  );
  await writeFile(path, "an image");
  await expect(loadCheckpoint(path)).rejects.toThrow("something else");
});
