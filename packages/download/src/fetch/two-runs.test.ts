import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadServer, fakeJpeg, serves } from "@csl/test-support/bad-server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fetchFile } from "./fetch-file.js";
import { fetchImages } from "./fetch-images.js";

let root: string;
let server: BadServer;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-two-runs-"));
  server = await BadServer.start();
});
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

// Two runs wrote into one .part file, and the faster one gave its name to what the slower one had cut to nothing.
it("two downloads into one folder, or of one file: the second gets an error, the first's images are whole", async () => {
  const jpeg = fakeJpeg(40_000);
  const url = server.on("/slow.jpg", (response, n, request) => {
    setTimeout(() => serves(jpeg)(response, n, request), 150);
  });
  const folder = join(root, "shared");
  const run = () => fetchImages([{ id: "slow", url, path: "slow.jpg" }], { folder });
  // Which of them comes first is the file system's affair.
  const runs = await Promise.allSettled([run(), run()]);
  expect(runs.find(({ status }) => status === "fulfilled")).toMatchObject({ value: { done: 1 } });
  expect(runs.find((result) => result.status === "rejected")?.reason).toMatchObject({
    code: "in-use",
    message: expect.stringMatching(/fetchImages: expected to be the only run here/),
  });
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
    expect.objectContaining({
      code: "cannot-write",
      message: expect.stringMatching(/fetchImages: cannot write .*a-file.*a part of its path is a file/),
    }),
  );
});
