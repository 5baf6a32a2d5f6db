import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill("SIGKILL");
});

/** A process with the handlers that runs `work` after saying "ready"; `say` writes a word at once. */
async function start(work: string): Promise<(word: string) => Promise<void>> {
  const module = fileURLToPath(new URL("stop-on-signals.ts", import.meta.url));
  child = spawn(process.execPath, [
    ...["--import", import.meta.resolve("tsx"), "--input-type=module", "-e"],
    `import { writeSync } from "node:fs";
     import { readFile } from "node:fs/promises";
     import { stopOnSignals } from ${JSON.stringify(module)};
     const say = (word) => writeSync(1, word);
     const hang = () => { say("hanging "); for (;;) {} };
     const { signal, exitCode } = stopOnSignals({ onStop: () => say("stopping ") });
     setTimeout(async () => { say("ready "); ${work} }, 300);`,
  ]);
  let said = "";
  child.stdout!.on("data", (text: Buffer) => {
    said += text.toString();
  });
  const until = (word: string) => expect.poll(() => said, { timeout: 20_000, interval: 10 }).toContain(word);
  await until("ready");
  return until;
}

const ended = async (): Promise<unknown[]> =>
  child!.exitCode === null && child!.signalCode === null
    ? once(child!, "exit")
    : [child!.exitCode, child!.signalCode];

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("the first %s lets the work end by itself, and gives the exit code %i", async (name, code) => {
  await start(`
    const busy = setInterval(() => {}, 1000);
    signal.addEventListener("abort", () => { clearInterval(busy); process.exitCode = exitCode(); });`);
  child!.kill(name);
  expect(await ended()).toEqual([code, null]);
});

it("the second one ends a process whose work goes on, and one that hangs since the first", async () => {
  for (const work of [
    "setInterval(() => {}, 1000)",
    'setInterval(() => {}, 1000); signal.addEventListener("abort", hang)',
  ]) {
    const until = await start(work);
    child!.kill("SIGTERM");
    await until(work.includes("hang") ? "hanging" : "stopping");
    child!.kill("SIGINT");
    expect(await ended()).toEqual([null, "SIGINT"]);
  }
});

it("the second one ends a process that hangs before the first", async () => {
  const until = await start("hang()");
  await until("hanging");
  child!.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 100));
  child!.kill("SIGINT");
  expect(await ended()).toEqual([null, "SIGKILL"]);
});

it.skipIf(process.platform === "win32")(
  "the second one ends a process whose threads wait for a disk that does not answer",
  async () => {
    const until = await start(`
      const { execFileSync } = await import("node:child_process");
      const { tmpdir } = await import("node:os");
      const pipe = tmpdir() + "/csl-pipe-" + process.pid;
      execFileSync("mkfifo", [pipe]);
      for (let i = 0; i < 8; i++) readFile(pipe).catch(() => {}); // nobody writes
      say("waiting ");`);
    await until("waiting");
    child!.kill("SIGTERM");
    await until("stopping");
    child!.kill("SIGTERM");
    expect(await ended()).toEqual([null, "SIGTERM"]);
  },
);
