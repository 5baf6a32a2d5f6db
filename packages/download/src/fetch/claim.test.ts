import { spawnSync } from "node:child_process";
import * as files from "node:fs/promises";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BadServer, fakeJpeg, serves } from "../../test/bad-server.js";
import { claim } from "./claim.js";
import { systemClock } from "./clock.js";
import { fetchFile } from "./fetch-file.js";
import { fetchImages } from "./fetch-images.js";

let root: string;
let server: BadServer;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-claim-"));
  server = await BadServer.start();
});
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});
const options = { speaker: "test", files, clock: systemClock };
const exited = (): number => spawnSync("true").pid;

it("keeps a second run out until it is given back", async () => {
  const path = join(root, "one");
  const release = await claim(path, options);
  await expect(claim(path, options)).rejects.toThrow(
    `test: expected to be the only run here, got process ${process.pid} on ${hostname()} at work (${path})`,
  );
  await release();
  await (await claim(path, options))();
  expect(await readdir(root)).toEqual([]);
});

it.each([
  ["a process that is gone", () => JSON.stringify({ process: exited(), host: hostname() }), 0, true],
  [
    "this process number in another life",
    () => JSON.stringify({ process: process.pid, host: hostname() }),
    0,
    true,
  ],
  ["a torn claim", () => '{"proc', 0, true],
  ["a running process", () => JSON.stringify({ process: process.ppid, host: hostname() }), 0, false],
  ["another machine, touched lately", () => JSON.stringify({ process: 1, host: "elsewhere" }), 60, false],
  [
    "another machine, not touched for long",
    () => JSON.stringify({ process: 1, host: "elsewhere" }),
    180,
    true,
  ],
])("of %s", async (_, content, secondsOld, taken) => {
  const path = join(root, "left");
  await writeFile(path, content());
  await utimes(path, Date.now() / 1000 - secondsOld, Date.now() / 1000 - secondsOld);
  if (taken) await (await claim(path, options))();
  else await expect(claim(path, options)).rejects.toThrow("the only run here");
  await rm(path, { force: true });
});

// Two runs wrote into one .part file, and the faster one gave its name to what the slower one had cut to nothing.
it("two downloads into one folder, or of one file: the second is told, the first's images are whole", async () => {
  const jpeg = fakeJpeg(40_000);
  const url = server.on("/slow.jpg", (response, n, request) => {
    setTimeout(() => serves(jpeg)(response, n, request), 150);
  });
  const folder = join(root, "shared");
  const run = () => fetchImages([{ id: "slow", url, path: "slow.jpg" }], { folder });
  // Which of them comes first is the file system's affair.
  const runs = await Promise.allSettled([run(), run()]);
  expect(runs.find(({ status }) => status === "fulfilled")).toMatchObject({ value: { done: 1 } });
  expect(String(runs.find((result) => result.status === "rejected")?.reason)).toMatch(
    /fetchImages: expected to be the only run here/,
  );
  expect(await readdir(folder)).toEqual(["slow.jpg"]);
  expect(await run()).toMatchObject({ skipped: 1 });

  const file = () => fetchFile(url, join(folder, "file.csv"));
  const both = await Promise.allSettled([file(), file()]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect((await readdir(folder)).sort()).toEqual(["file.csv", "slow.jpg"]);
});

it("where no file can be, what fails is the writing of the images", async () => {
  const url = server.on("/well.jpg", serves(fakeJpeg(1000)));
  const folder = join(root, "a-file");
  await writeFile(folder, "");
  await expect(fetchImages([{ id: "well", url, path: "well.jpg" }], { folder })).rejects.toThrow(
    /fetch: cannot write .*a-file.* Check the folder and its rights/,
  );
});
