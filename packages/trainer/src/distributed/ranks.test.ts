import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import { roleTraining } from "@csl/partial-loss";
import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ranksInProcess } from "../../test/ranks-in-process.js";
import { createToyModel, toyBatches } from "../../test/toy-model.js";
import { collect, toyTaskIn } from "../../test/toy-training.js";
import type { TrainTask } from "../task.js";
import type { TrainEvent } from "../train-event.js";
import { expectSameWeights } from "./same-weights.js";

let folder: string;
beforeEach(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "ranks-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const perRank = 3;
/** The batches of an epoch over all ranks, in the order in which steps take them. */
const dealt = (epoch: number, size: number) => toyBatches(perRank * size, { seed: epoch, partial: true });

function optionsOf(size: number): Partial<TrainTask> {
  return {
    epochs: 3,
    batchesPerEpoch: perRank * size,
    accumulate: size,
    runningPrior: true,
    trainBatches: (epoch) => dealt(epoch, size),
  };
}

/** One process that accumulates what the ranks hold together. */
function accumulated(size: number, options: Partial<TrainTask> = {}): Promise<TrainEvent[]> {
  return collect(toyTaskIn(join(folder, "one"), { ...optionsOf(size), ...options }));
}

function together(
  size: number,
  { name = "ranks", each = () => ({}) }: { name?: string; each?: (rank: number) => Partial<TrainTask> } = {},
): Promise<TrainEvent[]>[] {
  return ranksInProcess(size).map((collectives, rank) => {
    const model = createToyModel();
    // Rank 0's are what counts.
    for (const variable of model.parameters().values())
      if (rank > 0) tf.tidy(() => variable.assign(tf.fill(variable.shape, rank)));
    const own = <T>(items: T[]): T[] => items.filter((_, i) => i % size === rank);
    return collect(
      toyTaskIn(join(folder, name), {
        ...optionsOf(size),
        ...{ model, collectives, batchesPerEpoch: perRank, accumulate: 1 },
        trainBatches: (epoch) => own(dealt(epoch, size)),
        validationBatches: () => own(toyBatches(3, { seed: 100 })),
        ...each(rank),
      }),
    );
  });
}

const checkpoint = (name: string, kind = "last") => loadCheckpoint(join(folder, name, `${kind}.safetensors`));

describe("two ranks", () => {
  test("equal one process that accumulates their batches, bit for bit", async () => {
    const one = await accumulated(2);
    const [first, second] = await Promise.all(together(2));
    const steps = (events: TrainEvent[]) =>
      events.flatMap((event) => (event.type === "step" ? [[event.step, event.loss, event.images]] : []));
    expect(steps(first!)).toEqual(steps(one));
    expect(steps(second!)).toEqual(steps(one));
    const [a, b] = [await checkpoint("one"), await checkpoint("ranks")];
    for (const key of ["fc.weight", "fc.bias"]) {
      expect(b.state.get(key)).toEqual(a.state.get(key));
      expect(b.ema!.get(key)).toEqual(a.ema!.get(key));
    }
    expect(b.training!.adam).toEqual(a.training!.adam);
    const [p, q] = [a.training!.progress.prior!, b.training!.progress.prior!];
    expect(q.count).toBe(p.count);
    expectAllClose(q.sums, p.sums, { rtol: 1e-12 });
    // The one process saw the batches one after the other, each with a tenth of the weight: 1 - 0.9² instead of 0.1.
    expect(b.state.get("norm.running_mean")).not.toEqual(a.state.get("norm.running_mean"));
  });

  test("rank 0 alone writes; all ranks have the same metrics, and end in the same way", async () => {
    const each = (rank: number) => (rank === 0 ? {} : { checkpointFolder: join(folder, "other") });
    const [first, second] = await Promise.all(together(2, { each }));
    expect(await readdir(folder)).toEqual(["ranks"]);
    const scores = (events: TrainEvent[]) =>
      events.flatMap((event) => (event.type === "validation" ? [event.raw, event.ema, event.best] : []));
    expect(scores(second!)).toEqual(scores(first!));
    expect(scores(first!)).toHaveLength(9);
    expect(second!.filter(({ type }) => type === "checkpoint")).toEqual([]);
  });

  test.each([0, 1])(
    "stopped at rank %i within an epoch, both stop at the same step, and a resume ends the same",
    async (who) => {
      await Promise.all(together(2, { name: "undisturbed" }));
      const stop = new AbortController();
      const events = await Promise.all(
        together(2, {
          each: (rank) =>
            rank === who ? { signal: stop.signal, trainBatches: (epoch) => stopping(epoch, rank) } : {},
        }),
      );
      async function* stopping(epoch: number, rank: number) {
        for (const [i, batch] of dealt(epoch, 2)
          .filter((_, i) => i % 2 === rank)
          .entries()) {
          if (epoch === 1 && i === 1) stop.abort();
          yield batch;
        }
      }
      for (const list of events) {
        expect(list.at(-1)).toMatchObject({ type: "end", stopped: "aborted", steps: perRank + 2 });
      }
      const resume = join(folder, "ranks", "last.safetensors");
      await Promise.all(together(2, { each: (rank) => (rank === 0 ? { resume } : { resume: "not here" }) }));
      const [a, b] = [await checkpoint("undisturbed"), await checkpoint("ranks")];
      for (const key of ["fc.weight", "fc.bias"]) expect(b.state.get(key)).toEqual(a.state.get(key));
      expect(b.training!.adam).toEqual(a.training!.adam);
      // The mean over the ranks was taken once more, which changes the last bits.
      const [m, n] = [a.state, b.state].map((state) => state.get("norm.running_mean")!.data);
      expectAllClose(n!, m!, { rtol: 1e-6 });
    },
  );

  test("a NaN on one of them stops both in that step, before a weight is touched", async () => {
    const each = (rank: number): Partial<TrainTask> => ({
      loss: (logits, labels) =>
        rank === 1 && ++calls > 4 ? tf.mul(tf.sum(logits), Number.NaN) : tf.sum(tf.mul(logits, labels)),
    });
    let calls = 0;
    const results = await Promise.allSettled(together(2, { each }));
    const [first, second] = results.map((result) => (result as PromiseRejectedResult).reason);
    expect(first).toMatchObject({
      code: "not-finite",
      message: expect.stringContaining("in step 5, got others on rank 1"),
    });
    expect(second).toMatchObject({
      code: "not-finite",
      message: expect.stringContaining("in step 5, got NaN"),
    });
    expect((await checkpoint("ranks")).training!.adam.step).toBe(perRank);
  });
});

test("four ranks are within rounding of one process", async () => {
  await accumulated(4);
  await Promise.all(together(4));
  const [a, b] = [await checkpoint("one"), await checkpoint("ranks")];
  for (const key of ["fc.weight", "fc.bias"])
    expectAllClose(b.state.get(key)!.data, a.state.get(key)!.data, { rtol: 1e-5, atol: 1e-6 });
});

test.each([
  ["two ranks after one process", 1, 2],
  ["one process after two ranks", 2, 1],
  ["four ranks that two began", 2, 4],
])("%s: the same global batches, so the resume ends the same", async (_, before, after) => {
  // Steps hold four batches each; a run stops within the second epoch.
  const part = (ranks: number): Partial<TrainTask> => ({
    ...{ batchesPerEpoch: 12 / ranks, accumulate: 4 / ranks, runningPrior: false },
  });
  const begin = (ranks: number, name: string, more: (stop: AbortController) => Partial<TrainTask>) => {
    const stop = new AbortController();
    const options = (rank: number): Partial<TrainTask> => ({
      ...part(ranks),
      trainBatches: (epoch) =>
        toyBatches(12, { seed: epoch, partial: true }).filter((_, i) => i % ranks === rank),
      validationBatches: () => toyBatches(2 * ranks, { seed: 100 }).filter((_, i) => i % ranks === rank),
      epochs: 3,
      ...more(stop),
    });
    const stopAt = (event: TrainEvent): void => {
      if (event.type === "step" && event.step === 5) stop.abort();
    };
    if (ranks === 1) return [collect(toyTaskIn(join(folder, name), options(0)), stopAt)];
    return ranksInProcess(ranks).map((collectives, rank) =>
      collect(
        toyTaskIn(join(folder, name), { ...options(rank), collectives }),
        rank === 0 ? stopAt : () => {},
      ),
    );
  };
  await Promise.all(begin(1, "undisturbed", () => ({})));
  await Promise.all(begin(before, "run", ({ signal }) => ({ signal })));
  const resume = join(folder, "run", "last.safetensors");
  expect((await checkpoint("run")).training!.progress).toMatchObject({ epoch: 1 });
  await Promise.all(begin(after, "run", () => ({ resume })));
  const [a, b] = [await checkpoint("undisturbed"), await checkpoint("run")];
  expect(b.training!.adam.step).toBe(9);
  for (const key of ["fc.weight", "fc.bias"])
    expectAllClose(b.state.get(key)!.data, a.state.get(key)!.data, { rtol: 1e-5, atol: 1e-6 });
});

test("weights that differ in one bit are told on every rank", async () => {
  const model = createToyModel();
  const other = createToyModel();
  const weight = other.parameters().get("fc.weight")!;
  const values = weight.dataSync<"float32">().slice();
  new Uint32Array(values.buffer)[4]! ^= 1;
  tf.tidy(() => weight.assign(tf.tensor(values, weight.shape)));
  const check = (third: typeof model) =>
    Promise.allSettled(
      ranksInProcess(3).map((one) => expectSameWeights([model, model, third][one.rank]!, one)),
    );
  for (const { status } of await check(model)) expect(status).toBe("fulfilled");
  for (const result of await check(other))
    expect((result as PromiseRejectedResult).reason.message).toContain("got others than rank 0's on rank 2");
});

test("a loss that keeps numbers of each sample has those of one process on every rank, also after a resume", async () => {
  const set = { samples: 48, classes: 3, labels: () => [-1, -1, -1] };
  const batchesOf = (epoch: number) =>
    dealt(epoch, 2).map((batch, i) => ({
      ...batch,
      samples: Array.from({ length: 8 }, (_, row) => 8 * i + row),
    }));
  const options = (): Partial<TrainTask> => ({
    loss: roleTraining({ ...set, expectedPositives: 1 }),
    trainBatches: batchesOf,
  });
  await accumulated(2, options());
  const each = (stopEpoch: number, resume?: string) => (rank: number) => ({
    ...options(),
    ...{ stopEpoch, trainBatches: (epoch: number) => batchesOf(epoch).filter((_, i) => i % 2 === rank) },
    ...(resume !== undefined && { resume }),
  });
  await Promise.all(together(2, { each: each(1) }));
  await Promise.all(together(2, { each: each(3, join(folder, "ranks", "last.safetensors")) }));
  const [a, b] = [await checkpoint("one"), await checkpoint("ranks")];
  expect(a.training!.loss!.size).toBeGreaterThan(0);
  expect(b.training!.loss).toEqual(a.training!.loss);
  expect(b.state.get("fc.weight")).toEqual(a.state.get("fc.weight"));
});

test("models of other sizes are refused in words", async () => {
  const each = (rank: number) => ({ model: createToyModel(3 + rank) });
  for (const result of await Promise.allSettled(together(2, { each })))
    expect((result as PromiseRejectedResult).reason.message).toContain("got 30, 38 numbers on ranks 0 to 1");
});

describe("syncBn", () => {
  test("gives a model the sums over all ranks for the time of the training", async () => {
    const seen: unknown[] = [];
    const [group] = ranksInProcess(1);
    const numbers = Float64Array.of(1);
    const collectives = { ...group!, allReduceNow: (given: Float64Array) => void seen.push(given) };
    const model = {
      ...createToyModel(),
      syncNorms: (sum?: (numbers: Float64Array) => void) => (sum ? sum(numbers) : seen.push("end")),
    };
    await collect(toyTaskIn(folder, { model, collectives, syncBn: true, epochs: 1 }));
    expect(seen).toEqual([numbers, "end"]);
  });

  test.each([
    ["collectives for syncBn, got none", {}],
    ["collectives with allReduceNow", { collectives: ranksInProcess(1)[0]! }],
    ["a model with syncNorms", { collectives: { ...ranksInProcess(1)[0]!, allReduceNow() {} } }],
  ] as const)("refused without %s", async (words, options) => {
    await expect(collect(toyTaskIn(folder, { ...options, syncBn: true }))).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining(`train: expected ${words}`),
    });
  });
});
