import { spawnSync } from "node:child_process";
import * as files from "node:fs/promises";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type FolderLock, lockFolder } from "./folder-lock.js";

let folder: string;
let path: string;
let held: FolderLock | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-lock-"));
  path = join(folder, "p.lock");
  held = undefined;
});
afterEach(async () => {
  await held?.release();
  await rm(folder, { recursive: true });
});

const age = (seconds: number): Promise<void> =>
  utimes(path, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
const owners = {
  "this process's id, as in a container that was started again": { pid: process.pid, host: hostname() },
  "another machine": { pid: 1, host: "elsewhere" },
  "nobody, being torn": undefined,
};

it.each(Object.entries(owners))("a lock of %s is held until it is silent for a minute", async (_, owner) => {
  await writeFile(path, owner ? JSON.stringify(owner) : "");
  await age(50);
  await expect(lockFolder(path, files)).rejects.toThrow(/is at work there.*60 s after its last sign of life/);
  await age(70);
  held = await lockFolder(path, files);
  await held.release();
  expect(await readdir(folder)).toEqual([]);
});

it("a lock of a process that is gone is taken over at once", async () => {
  await writeFile(path, JSON.stringify({ pid: spawnSync("true").pid, host: hostname() }));
  held = await lockFolder(path, files);
  held.assertHeld();
});

it("is renewed while it is held", async () => {
  held = await lockFolder(path, files, { beat: 5 });
  const before = await readFile(path, "utf8");
  await age(70);
  await expect.poll(async () => Date.now() - (await stat(path)).mtimeMs).toBeLessThan(10_000);
  expect(await readFile(path, "utf8")).toBe(before);
});

it("one that was taken over stops its run, and stays the other's", async () => {
  held = await lockFolder(path, files, { beat: 5 });
  await writeFile(path, JSON.stringify({ ...owners["another machine"], token: "other" }));
  await vi.waitFor(() => expect(() => held!.assertHeld()).toThrow(/another run took .*p\.lock over/));
  await held.release();
  expect(await readFile(path, "utf8")).toContain("elsewhere");
});

it("of several that find a dead lock, one gets it", async () => {
  await writeFile(path, JSON.stringify({ pid: spawnSync("true").pid, host: hostname() }));
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(path, files)));
  const winners = results.filter(({ status }) => status === "fulfilled");
  expect(winners.length).toBe(1);
  held = (winners[0] as PromiseFulfilledResult<FolderLock>).value;
});
