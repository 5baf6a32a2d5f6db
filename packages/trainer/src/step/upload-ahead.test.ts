import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Batch } from "../batch.js";
import { takeUploaded, uploadAhead } from "./upload-ahead.js";

const backend = (): { takesBytes?: boolean } => tf.backend() as { takesBytes?: boolean };

beforeEach(async () => {
  await tf.setBackend("cpu");
  backend().takesBytes = true;
});
afterEach(() => {
  delete backend().takesBytes;
});

const batchOf = (value: number, label = 1): Batch => ({
  ...{ images: new Uint8Array(3).fill(value), labels: Int8Array.of(label), size: 1, height: 1, width: 1 },
});

/** Batches one by one, each noted when it is asked for. */
async function* groupsOf(list: Batch[], asked: number[]): AsyncGenerator<Batch[], void, undefined> {
  for (const [i, batch] of list.entries()) {
    asked.push(i);
    yield [batch];
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("the next batch is asked for and sent while the present one is worked on", async () => {
  const asked: number[] = [];
  const batches = [0, 1, 2].map((value) => batchOf(value));
  const seen: number[] = [];
  const before = tf.memory().numTensors;
  for await (const [batch] of uploadAhead(groupsOf(batches, asked), 1)) {
    const { images, labels } = takeUploaded(batch!)!;
    await turn();
    expect(asked.length).toBe(Math.min(seen.length + 2, 3));
    seen.push(images.dataSync()[0]! * 255);
    tf.dispose([images, labels]);
  }
  expect(seen.map(Math.round)).toEqual([0, 1, 2]);
  expect(tf.memory().numTensors).toBe(before);
});

test("leaving early frees what was sent, and ends the source", async () => {
  const before = tf.memory().numTensors;
  let ended = false;
  async function* source(): AsyncGenerator<Batch[], void, undefined> {
    try {
      for (let i = 0; ; i++) yield [batchOf(i)];
    } finally {
      ended = true;
    }
  }
  for await (const [batch] of uploadAhead(source(), 1)) {
    const { images, labels } = takeUploaded(batch!)!;
    tf.dispose([images, labels]);
    break;
  }
  expect(ended).toBe(true);
  expect(tf.memory().numTensors).toBe(before);
});

test("what fails is thrown in its turn: a source after its last batch, a batch by its own step", async () => {
  async function* source(): AsyncGenerator<Batch[], void, undefined> {
    yield [batchOf(1)];
    yield [batchOf(2, 5)];
    throw new Error("no more");
  }
  const seen: boolean[] = [];
  await expect(async () => {
    for await (const [batch] of uploadAhead(source(), 1)) {
      const sent = takeUploaded(batch!);
      seen.push(sent !== undefined);
      if (sent) tf.dispose([sent.images, sent.labels]);
      await turn();
    }
  }).rejects.toThrow("no more");
  expect(seen).toEqual([true, false]); // a label of 5 is no label: batchTensors will say so
});

test("without a device's own memory nothing is asked for ahead", async () => {
  delete backend().takesBytes;
  const groups = groupsOf([batchOf(1)], []);
  expect(uploadAhead(groups, 1)).toBe(groups);
});
