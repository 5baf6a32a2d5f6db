import { expect, test } from "vitest";
import type { Context, Part } from "./parts/part.js";
import { runParts } from "./parts/run-parts.js";
import { deadlineOf } from "./report/budget.js";
import type { PartReport, Report } from "./report/report.js";
import { reportText } from "./report/report-text.js";
import { settingsByName } from "./settings.js";
import type { CaseResult, Measured } from "./speed/case-result.js";
import type { Contestant } from "./speed/contestants.js";
import type { Question } from "./speed/job.js";
import { type Ask, measureCase } from "./speed/measure-case.js";
import { ratio } from "./speed/ratio.js";
import type { SpeedCase } from "./speed/speed-cases.js";

const speedCase: SpeedCase = { task: "train", network: "tiny", size: 64, batch: 10, compile: true };

test("a part's deadline keeps the time of those after it; the last has all that is left", () => {
  const parts = [{ share: 1 }, { share: 2 }, { share: 5 }];
  // 80 s in shares of 1, 2 and 5 eighths.
  expect([0, 1, 2].map((i) => deadlineOf(parts, i, 80))).toEqual([10, 30, 80]);
});

/** Runs parts on a clock that a part moves by itself. */
async function reportsOf(
  list: (Omit<Part, "run"> & { takes: number; run?: Part["run"] })[],
  budget = 10,
): Promise<PartReport[]> {
  let now = 0;
  const parts = list.map(
    ({ takes, run, ...part }): Part => ({
      ...part,
      async run(context, signal) {
        now += takes * 1000;
        return run ? run(context, signal) : { lines: [part.name] };
      },
    }),
  );
  const context = { log() {} } as unknown as Context;
  return runParts(parts, context, { budget, elapsed: () => now, onReport() {} });
}

test("a part that fails is reported, and the next one runs; what needs the binding is left out without it", async () => {
  const reports = await reportsOf([
    { name: "binding", share: 1, takes: 1, run: () => Promise.reject(new Error("no compiler")) },
    { name: "tests", share: 1, takes: 1, needsBinding: true },
    { name: "other", share: 1, takes: 1, run: async () => ({ lines: [], failed: true }) },
    { name: "last", share: 1, takes: 1 },
  ]);
  expect(reports.map(({ name, status, reason }) => [name, status, reason])).toEqual([
    ["binding", "failed", "no compiler"],
    ["tests", "left out", "the binding was not compiled"],
    ["other", "failed", undefined],
    ["last", "passed", undefined],
  ]);
});

test("without time a part is left out, and one that is stopped at its deadline says so", async () => {
  const reports = await reportsOf([
    { name: "long", share: 1, takes: 20 },
    { name: "after", share: 1, takes: 1 },
  ]);
  expect(reports.map(({ status }) => status)).toEqual(["passed", "left out"]);
  const waits: Part["run"] = (_, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  const stopped = await reportsOf([{ name: "stopped", share: 1, takes: 0, run: waits }], 0.01);
  expect(stopped[0]).toMatchObject({ status: "out of time", reason: "out of time" });
});

/** Contestants whose steps take so many milliseconds; those that are not named fail. */
function asking(ms: Record<string, number>, order: string[] = []): Ask {
  return async <T>({ name }: Contestant, question: Question) => {
    if (ms[name] === undefined) throw new Error("out of memory");
    if ("prepare" in question) return { ms: ms[name] } as T;
    order.push(name);
    return { ms: ms[name] * question.run, peakBytes: 2 ** 30 } as T;
  };
}

test("repetitions alternate, speeds are images of all repetitions over time, and who fails is reported", async () => {
  const order: string[] = [];
  const ask = asking({ "bf16, graph": 10, AMP: 20, compiled: 12.5 }, order);
  const { measured } = await measureCase(speedCase, { ask, signal: new AbortController().signal });
  // 10 images in 10 ms are 1,000 a second.
  expect(measured).toMatchObject({
    "bf16, graph": { imagesPerSecond: 1000, peakGb: 1 },
    AMP: { imagesPerSecond: 500 },
    compiled: { imagesPerSecond: 800 },
    eager: { error: "out of memory" },
  });
  expect(order).toEqual(Array.from({ length: 3 }, () => ["bf16, graph", "AMP", "compiled"]).flat());
});

test("compiling takes part only where the case asks for it", async () => {
  const ask = asking({ AMP: 20, compiled: 10 });
  const { measured } = await measureCase(
    { ...speedCase, compile: false },
    { ask, signal: new AbortController().signal },
  );
  expect(measured.AMP!.imagesPerSecond).toBe(500);
  expect(measured.compiled).toBeUndefined();
});

test("a case that is stopped keeps what was measured, and says how much", async () => {
  const stop = new AbortController();
  const inner = asking({ "bf16, graph": 10, AMP: 20 });
  let runs = 0;
  const ask: Ask = async <T>(contestant: Contestant, question: Question) => {
    if ("run" in question && ++runs === 3) stop.abort(new Error("out of time"));
    if (stop.signal.aborted) throw stop.signal.reason as Error;
    return inner<T>(contestant, question);
  };
  const { measured, reason } = await measureCase(speedCase, { ask, signal: stop.signal });
  expect(measured["bf16, graph"]!.imagesPerSecond).toBe(1000);
  expect(reason).toBe("out of time after 1 of 3 repetitions");
});

const result = (measured: Record<string, Measured>, more: Partial<CaseResult> = {}): CaseResult => ({
  case: speedCase,
  measured,
  ...more,
});

test("the ratio is our best to PyTorch's best; without one of the two there is none", () => {
  const speeds = {
    bf16: { imagesPerSecond: 300 },
    "bf16, graph": { imagesPerSecond: 600 },
    AMP: { imagesPerSecond: 400 },
  };
  expect(ratio(result({ ...speeds, compiled: { imagesPerSecond: 500 } }))).toBe(600 / 500);
  expect(ratio(result({ ...speeds, compiled: { error: "no compiler" } }))).toBe(600 / 400);
  expect(ratio(result({ AMP: { imagesPerSecond: 400 } }))).toBeUndefined();
  expect(ratio(result({ bf16: { imagesPerSecond: 400 }, AMP: { error: "out of memory" } }))).toBeUndefined();
});

test("the report: parts, speeds with the goal, memory of the fastest, and what is missing", () => {
  const report: Report = {
    ...{ device: "cuda", started: "2026-01-02 03:04:05", seconds: 440.4, budget: 450 },
    machine: { GPU: "a GPU", Node: "v20" },
    parts: [
      { name: "binding", status: "passed", seconds: 61, lines: ["libtorch 2.11.0"] },
      { name: "device tests", status: "out of time", seconds: 80, reason: "out of time" },
    ],
    cases: [
      result({
        "bf16, graph": { imagesPerSecond: 3000, peakGb: 8.25 },
        AMP: { imagesPerSecond: 2000, peakGb: 16 },
        eager: { error: "out of memory" },
      }),
      result({}, { case: { ...speedCase, task: "infer", batch: 512 }, reason: "no time was left" }),
    ],
  };
  expect(reportText(report)).toMatchInlineSnapshot(`
    "gpu-check on cuda, 2026-01-02 03:04:05, 440 s of 450 s

    GPU   a GPU
    Node  v20

    binding: passed, 61 s
      libtorch 2.11.0
    device tests: out of time, 80 s
      out of time

    Training, images a second; ratio: CSL's best to PyTorch's best; peak memory of those two in GiB

    network  size  batch  CSL float32, graph  CSL bf16  CSL bf16, graph  PyTorch eager  PyTorch AMP  PyTorch compiled  ratio  ≥ 1.0      memory
    tiny       64     10                   –         –             3000          error         2000                 –   1.50    yes  8.3 / 16.0

    Not measured:
      train tiny, 64 pixels, batch 10, eager: out of memory
      infer tiny, 64 pixels, batch 512: no time was left
    "
  `);
});

test("a full run's parts and cases: all tasks at both sizes, batches of 64 to 512", () => {
  const { cases } = settingsByName.full;
  for (const network of ["TResNet-M", "TResNet-L"])
    for (const size of [224, 448])
      for (const task of ["train", "infer"])
        expect(cases.some((one) => one.network === network && one.size === size && one.task === task)).toBe(
          true,
        );
  expect([...new Set(cases.map(({ batch }) => batch))].sort((a, b) => a - b)).toEqual([64, 128, 256, 512]);
});
