import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as files from "node:fs/promises";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type FileLock, lockFile } from "./file-lock.js";

let folder: string;
let path: string;
let held: FileLock | undefined;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-lock-"));
  path = join(folder, "made", "data.lock");
  await files.mkdir(join(folder, "made"));
  held = undefined;
  child = undefined;
});
afterEach(async () => {
  child?.kill("SIGKILL");
  await held?.release();
  await rm(folder, { recursive: true });
});

const speaker = "test";
const age = (seconds: number): Promise<void> =>
  utimes(path, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
const inUse = (message: RegExp) => ({ code: "in-use", message: expect.stringMatching(message) });
const ended = (): number => spawnSync("true").pid;
/** What a lock of this very process holds. */
async function ownRecord(): Promise<object> {
  const lock = await lockFile(path, { speaker });
  const record = JSON.parse(await readFile(path, "utf8")) as object;
  await lock.release();
  return record;
}
/** A process that has the lock until it is killed. */
async function startHolder(): Promise<ChildProcess> {
  const module = fileURLToPath(new URL("file-lock.ts", import.meta.url));
  child = spawn(process.execPath, [
    ...["--import", import.meta.resolve("tsx")],
    ...["--input-type=module", "-e"],
    `import { lockFile } from ${JSON.stringify(module)};
     await lockFile(${JSON.stringify(path)}, { speaker: "holder" });
     console.log("locked");
     setInterval(() => {}, 1000);`,
  ]);
  await once(child.stdout!, "data");
  return child;
}

it("keeps a second run out until it is released, makes the folder and leaves nothing", async () => {
  await rm(join(folder, "made"), { recursive: true });
  held = await lockFile(path, { speaker });
  await expect(lockFile(path, { speaker })).rejects.toMatchObject(
    inUse(
      /^test: expected to be the only run here, got process \d+ on .* at work \(.*data\.lock\)\. Wait for it or stop it, then/,
    ),
  );
  await held.release();
  expect(await readdir(folder)).toEqual([]); // nor the folder, as nothing else is in it
  held = await lockFile(path, { speaker });
  await writeFile(join(folder, "made", "result"), "");
  await held.release();
  expect(await readdir(join(folder, "made"))).toEqual(["result"]);
});

it.each([
  [
    "this process's number, of which nothing more is known",
    () => JSON.stringify({ pid: process.pid, host: hostname() }),
  ],
  ["another machine", () => JSON.stringify({ pid: 1, host: "elsewhere" })],
  [
    "another container or boot of this name",
    () => JSON.stringify({ pid: ended(), host: hostname(), machine: "x" }),
  ],
])("a lock of %s is held until it was not renewed for a minute", async (_, content) => {
  await writeFile(path, content());
  await age(50);
  await expect(lockFile(path, { speaker })).rejects.toMatchObject(inUse(/taken over 60 s after it was last/));
  await age(70);
  held = await lockFile(path, { speaker });
  await held.release();
  expect(await readdir(join(folder, "made"))).toEqual([]);
});

it.each([
  ["a process that has ended", () => ({ pid: ended() })],
  ["an earlier process of the same number", () => ({ started: "1" })],
])("a lock of %s is taken over at once", async (_, change) => {
  const record = await ownRecord();
  await writeFile(path, JSON.stringify({ ...record, ...change(), token: "other" }));
  held = await lockFile(path, { speaker });
  held.assertHeld();
});

it.each(["", '{"pi', "null", "12"])(
  "one of a process that was killed as it wrote it (%j) is taken over",
  async (content) => {
    await writeFile(path, content);
    await age(1.9);
    held = await lockFile(path, { speaker });
    held.assertHeld();
  },
);

it("says who holds it: process, machine, command and since when", async () => {
  const record = { ...(await ownRecord()), command: "csl train", since: "2026-11-24T11:46:30.000Z" };
  expect(Object.keys(record).sort()).toEqual([
    "command",
    "host",
    "machine",
    "pid",
    "since",
    "started",
    "token",
  ]);
  await writeFile(path, JSON.stringify({ ...record, token: "other" }));
  await expect(lockFile(path, { speaker })).rejects.toMatchObject(
    inUse(/got process \d+ on .* \(csl train, since 2026-11-2\d \d\d:\d\d\) at work/),
  );
});

it("a process that runs keeps its lock, also when it does not renew it; once it is killed it is gone at once", async () => {
  const holder = await startHolder();
  await age(1000);
  await expect(lockFile(path, { speaker })).rejects.toMatchObject(
    inUse(new RegExp(`process ${holder.pid} on`)),
  );
  holder.kill("SIGKILL");
  await once(holder, "exit");
  held = await lockFile(path, { speaker });
});

it("waits when asked to, tells once for whom, and continues when that one ends", async () => {
  const holder = await startHolder();
  const announced: string[] = [];
  const waiting = lockFile(path, { speaker, onWait: (holder) => announced.push(holder), pollEvery: 5 });
  await vi.waitFor(() =>
    expect(announced).toEqual([expect.stringContaining(`process ${holder.pid} on ${hostname()} (`)]),
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  holder.kill("SIGKILL");
  held = await waiting;
  expect(announced.length).toBe(1);
});

it("of several that wait each gets it, one after the other", async () => {
  let inside = 0;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const lock = await lockFile(path, { speaker, onWait: () => {}, pollEvery: 1 });
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
      await lock.release();
    }),
  );
});

it("waiting ends with the signal's reason", async () => {
  held = await lockFile(path, { speaker });
  const reason = new Error("enough");
  const stop = new AbortController();
  setTimeout(() => stop.abort(reason), 20);
  const { signal } = stop;
  await expect(lockFile(path, { speaker, onWait: () => {}, signal, pollEvery: 5 })).rejects.toBe(reason);
});

it("is renewed while it is held", async () => {
  held = await lockFile(path, { speaker, renewEvery: 5 });
  const before = await readFile(path, "utf8");
  await age(70);
  await expect.poll(async () => Date.now() - (await stat(path)).mtimeMs).toBeLessThan(10_000);
  expect(await readFile(path, "utf8")).toBe(before);
});

it("one that was taken over stops its run, and stays the other's", async () => {
  held = await lockFile(path, { speaker, renewEvery: 5 });
  await writeFile(path, JSON.stringify({ pid: 1, host: "elsewhere", token: "other" }));
  await vi.waitFor(() => expect(() => held!.assertHeld()).toThrow(/another one has taken .*data\.lock over/));
  await held.release();
  expect(await readFile(path, "utf8")).toContain("elsewhere");
});

it("of several that find an abandoned lock, one gets it", async () => {
  await writeFile(path, JSON.stringify({ pid: ended(), host: hostname() }));
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => lockFile(path, { speaker })));
  const winners = results.filter(({ status }) => status === "fulfilled");
  expect(winners.length).toBe(1);
  held = (winners[0] as PromiseFulfilledResult<FileLock>).value;
});

it("where the lock file cannot be written the reason is reported, and no empty one is left", async () => {
  const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC", path });
  const writeNothing: typeof writeFile = async (path) => {
    await writeFile(path, "", { flag: "wx" });
    throw full;
  };
  await expect(lockFile(path, { speaker, files: { ...files, writeFile: writeNothing } })).rejects.toThrow(
    /test: cannot write .*data\.lock: the disk is full/,
  );
  expect(await readdir(join(folder, "made"))).toEqual([]);
});

it("a folder of that name is an error, not a lock to wait for", async () => {
  await files.mkdir(path);
  await expect(lockFile(path, { speaker, onWait: () => {} })).rejects.toMatchObject({
    code: "cannot-write",
    message: expect.stringMatching(/data\.lock: a folder has that name \(EISDIR\)/),
  });
});
