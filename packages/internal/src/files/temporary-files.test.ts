import { spawnSync } from "node:child_process";
import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeEach, expect, it, vi } from "vitest";
import { thisProcess } from "../processes/process-identity.js";
import { removeTemporaryFiles, temporaryName } from "./temporary-files.js";
import { writeFileAtomically } from "./write-file-atomically.js";

const { folder, at } = temporaryFolder();
const left = async (): Promise<string[]> => (await readdir(folder)).sort();
beforeEach(async () => {
  for (const name of await left()) await rm(at(name));
});

/** A temporary file of another process of this machine. */
async function leftBy(identity: { pid?: number; started?: string }, name = "a.csl"): Promise<string> {
  const own = thisProcess();
  const saved = { ...own };
  Object.assign(own, identity);
  const path = temporaryName(at(name));
  Object.assign(own, saved);
  await writeFile(path, "half");
  return basename(path);
}
const ended = (): number => spawnSync("true").pid;
/** As another machine or container names it. */
const foreign = (name: string): string => name.replace(/-[0-9a-z]+(-[0-9a-z]+\.tmp)$/, "-other$1");

it("those of processes that have ended go, also of an earlier one of the same number; those of running ones stay", async () => {
  await leftBy({ pid: ended() });
  await leftBy({ started: "1" });
  const running = await leftBy({});
  await writeFile(at("mine.tmp"), "a person's");
  await removeTemporaryFiles(folder);
  expect(await left()).toEqual([running, "mine.tmp"].sort());
});

it("those of another machine go after an hour, or at once for whoever has the folder alone", async () => {
  const name = foreign(await leftBy({ pid: ended() }));
  const put = () => writeFile(at(name), "half");
  await put();
  await removeTemporaryFiles(folder);
  expect(await left()).toContain(name);
  await utimes(at(name), Date.now() / 1000 - 3700, Date.now() / 1000 - 3700);
  await removeTemporaryFiles(folder);
  expect(await left()).not.toContain(name);
  await put();
  await removeTemporaryFiles(folder, { alone: true });
  expect(await left()).not.toContain(name);
});

it("a write removes what killed ones of the same file left, and no other's", async () => {
  await leftBy({ pid: ended() });
  const other = await leftBy({ pid: ended() }, "b.csl");
  await writeFileAtomically(at("a.csl"), "whole", "test");
  const names = await left();
  expect(names.filter((name) => name.startsWith("a.csl"))).toEqual(["a.csl"]);
  expect(names).toContain(other);
});

// Two containers on one folder have the same process number: once, both wrote into one temporary file.
it("a name that another run has is left alone", async () => {
  const next = temporaryName(at("c.csl")).replace(
    /-([0-9a-z]+)\.tmp$/,
    (_, count: string) => `-${(Number.parseInt(count, 36) + 1).toString(36)}.tmp`,
  );
  await writeFile(next, "another's");
  await writeFileAtomically(at("c.csl"), "mine", "test");
  expect(await readFile(at("c.csl"), "utf8")).toBe("mine");
  expect(await readFile(next, "utf8")).toBe("another's");
});

it("a folder that is not there or a file that cannot be removed is no error", async () => {
  await removeTemporaryFiles(at("none"));
  await leftBy({ pid: ended() });
  const remove = vi.fn(() => Promise.reject(new Error("EACCES")));
  await removeTemporaryFiles(folder, {
    files: { readdir, rm: remove, stat: () => Promise.reject(new Error("EACCES")) },
  });
  expect(remove).toHaveBeenCalled();
});
