import { mkdir, mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { oneAtATime } from "./one-at-a-time.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("work that fails frees the lock for the next", async () => {
  const lock = join(folder, "lock");
  let done = false;
  const attempt = (work: () => Promise<void>) => oneAtATime(lock, () => done, work, { pollEvery: 1 });
  await expect(attempt(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  await attempt(async () => {
    done = true;
  });
  expect(done).toBe(true);
});

test("a lock left behind by a process that died is ignored", async () => {
  const lock = join(folder, "lock");
  await mkdir(lock);
  const longAgo = new Date(Date.now() - 10_000);
  await utimes(lock, longAgo, longAgo);
  let done = false;
  await oneAtATime(
    lock,
    () => done,
    async () => {
      done = true;
    },
    { staleAfter: 5_000, pollEvery: 1 },
  );
  expect(done).toBe(true);
});
