import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import { expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createToyModel, toyBatches } from "../test/toy-model.js";
import { collect, toyTaskIn } from "../test/toy-training.js";
import type { TrainTask } from "./task.js";

let folder: string;
beforeEach(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "trainer-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const toyTask = (options: Partial<TrainTask> = {}): TrainTask => toyTaskIn(folder, options);

describe("a folder that holds another run", () => {
  const bytes = () =>
    Promise.all(["last", "best"].map((name) => readFile(join(folder, `${name}.safetensors`), "latin1")));

  test("is refused, its files untouched; with overwrite the new run's replace them", async () => {
    await collect(toyTask({ epochs: 1 }));
    const before = await bytes();
    await expect(collect(toyTask())).rejects.toThrow(
      /^train: expected a checkpointFolder without checkpoints of another run, got .* with last\.safetensors and best\.safetensors, written \d{4}-\d\d-\d\d \d\d:\d\d\. To keep them, pass resume: ".*last\.safetensors" or choose another folder; to lose them, pass overwrite: true\.$/,
    );
    const elsewhere = toyTask({ epochs: 1, checkpointFolder: join(folder, "other") });
    await collect(elsewhere);
    // Going on from another run's checkpoint would replace this one's just the same.
    const resume = join(folder, "other", "last.safetensors");
    await expect(collect(toyTask({ epochs: 1, resume }))).rejects.toThrow("checkpoints of another run");
    expect(await bytes()).toEqual(before);
    await collect(toyTask({ epochs: 1, overwrite: true, config: { note: "second" } }));
    const { config } = await loadCheckpoint(join(folder, "best.safetensors"));
    expect(config).toEqual({ note: "second" });
  });

  test("resumes from its own last.safetensors, also through a link", async () => {
    await collect(toyTask({ stopEpoch: 1 }));
    const link = join(folder, "link");
    await symlink(folder, link);
    const rest = await collect(toyTask({ stopEpoch: 2, resume: join(link, "last.safetensors") }));
    expect(rest[0]).toMatchObject({ epoch: 1, resumed: true });
  });
});

test("a resume that is refused leaves no folder", async () => {
  const checkpointFolder = join(folder, "new");
  const task = toyTask({ checkpointFolder, resume: join(folder, "none.safetensors") });
  await expect(collect(task)).rejects.toThrow("ENOENT");
  await expect(readdir(checkpointFolder)).rejects.toThrow("ENOENT");
});

test("an output folder that cannot be written is refused before the first step", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  await expect(collect(toyTask({ checkpointFolder: join(file, "run") }))).rejects.toThrow(
    /train: cannot write .*file\/run\/train\.lock: a part of its path is a file, not a folder \(ENOTDIR\)/,
  );
});

test("a resume with other classes, settings, model or kind of checkpoint is refused", async () => {
  await collect(toyTask({ epochs: 1 }));
  const resume = join(folder, "last.safetensors");
  const begin = (options: Partial<TrainTask>) => collect(toyTask({ epochs: 1, resume, ...options }));
  await expect(begin({ classes: { ids: ["red", "black", "white"] } })).rejects.toThrow(
    "2 positions differ, first: expected black, white, got green, blue",
  );
  await expect(begin({ optimizer: { lr: 0.5 } })).rejects.toThrow(
    /got lr 0\.5 instead of 0\.1\. Resume with the same, pass allowChanges: true to go on with the new ones, or/,
  );
  await expect(begin({ settings: { loss: "ignore" } })).rejects.toThrow('loss "ignore" instead of none');
  // Where the run stands is counted in these, whatever is allowed.
  await expect(begin({ epochs: 2, allowChanges: true })).rejects.toThrow(
    /got epochs 2 instead of 1\. Resume with the same, or start a new run/,
  );
  await expect(begin({ model: createToyModel(5) })).rejects.toThrow(
    "fc.weight [5,3] but [3,3] in the checkpoint",
  );
  await expect(begin({ resume: join(folder, "best.safetensors"), overwrite: true })).rejects.toThrow(
    "expected a checkpoint of a running training",
  );
});

test.each([
  [{ epochs: 0 }, "epochs to be a whole number from 1 on, got 0"],
  [{ stopEpoch: 9 }, "stopEpoch up to the 4 epochs"],
  [{ batchesPerEpoch: 4 }, "at most 4 batches in epoch 0, got more"],
  [{ trainBatches: () => [] }, "expected batches in epoch 0, got none"],
  [{ patience: 0 }, "patience to be a whole number from 1 on, got 0"],
  [{ patience: 2, validationBatches: undefined as never }, "expected validationBatches for patience"],
  [{ clipGradNorm: 0 }, "clipGradNorm to be a finite number above 0, got 0"],
  [{ clipGradNorm: Number.NaN }, "clipGradNorm to be a finite number above 0, got NaN"],
  [{ classes: { ids: ["red"] } }, "expected 8 × 1 labels, got 24"],
  [
    { trainBatches: () => [{ ...toyBatches(1)[0]!, labels: new Int8Array(24).fill(2) }] },
    "expected labels 1, 0 or -1, got 2 in row 0, class 0",
  ],
  [{ trainBatches: () => [{ ...toyBatches(1)[0]!, width: 5 }] }, "got 384. Are the images RGB?"],
] as [Partial<TrainTask>, string][])("a task that cannot work is refused: %j", async (options, message) => {
  const model = createToyModel();
  await expectNoLeak(() => expect(collect(toyTask({ model, ...options }))).rejects.toThrow(message));
});
