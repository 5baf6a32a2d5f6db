import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { loadCheckpoint } from "@csl/checkpoints";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { toyRunTask } from "../test/toy-run-task.js";
import { train } from "./train.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "interruption-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Starts toy-run.ts and sends `signal` at its n-th line that says `type`. Resolves with exit code and output. */
async function interrupted(signal: NodeJS.Signals, type: string, n: number) {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const program = fileURLToPath(new URL("../test/toy-run.ts", import.meta.url));
  const child: ChildProcess = spawn(
    process.execPath,
    ["--conditions=@csl/source", "--import", tsx, program, folder],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  let sent = false;
  child.stdout!.on("data", (chunk) => {
    output += chunk;
    if (sent || output.split(`${type} `).length <= n) return;
    sent = true;
    child.kill(signal);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, lines: output.trim().split("\n") };
}

test("Ctrl-C in the middle of training finishes the step, writes a whole checkpoint and ends in order", async () => {
  const { code, lines } = await interrupted("SIGINT", "step", 5);
  expect(code).toBe(0);
  expect(lines.slice(-2)).toEqual(["checkpoint ", "end aborted"]);
  const { training } = await loadCheckpoint(join(folder, "last.safetensors"));
  expect(training!.progress.batch).toBe(lines.filter((line) => line === "step ").length);
  expect(training!.adam.step).toBe(training!.progress.batch);
  expect(await readdir(folder)).toEqual(["last.safetensors"]);
});

test("a process killed while it writes leaves the checkpoint before, whole", async () => {
  await tf.setBackend("cpu");
  const { code, lines } = await interrupted("SIGKILL", "checkpoint", 3);
  expect(code).toBeNull();
  const { training, state } = await loadCheckpoint(join(folder, "last.safetensors"));
  expect(training!.progress.batch).toBeGreaterThanOrEqual(3);
  expect(training!.progress.batch).toBeLessThanOrEqual(lines.length);
  expect(state.get("fc.weight")!.shape).toEqual([20_000, 3]);

  // What is on the disk is the run after that many steps, bit for bit: nothing before the checkpoint is lost.
  const { batch, lossSum } = training!.progress;
  const undisturbed = toyRunTask(join(folder, "undisturbed"));
  const stop = new AbortController();
  for await (const event of train({ ...undisturbed, signal: stop.signal }))
    if (event.type === "step" && event.step === batch) stop.abort();
  const same = await loadCheckpoint(join(folder, "undisturbed", "last.safetensors"));
  expect(same.training!.progress).toMatchObject({ batch, lossSum });
  for (const [key, { data }] of state) expect(data).toEqual(same.state.get(key)!.data);
  expect(training!.adam).toEqual(same.training!.adam);
});
