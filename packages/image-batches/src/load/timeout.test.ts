import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageBatches } from "./image-batches.js";
import { createImageLoader } from "./image-loader.js";

// A pipe that no process writes to stands for a file on a server that has stopped to answer: opening it does not return.
const good = resolve(import.meta.dirname, "../../fixtures/420.jpg");
let folder: string;
let stuck: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "csl-timeout-"));
  stuck = join(folder, "stuck.jpg");
  execFileSync("sh", ["-c", 'mkfifo "$0"', stuck]);
});
afterEach(() => {
  closeSync(openSync(stuck, constants.O_RDWR | constants.O_NONBLOCK)); // lets the waiting thread go
  rmSync(folder, { recursive: true });
});

describe.skipIf(process.platform === "win32").each([0, 1])("with %d workers", (workers) => {
  it("a batch that does not come is an error that names its image, though the thread cannot be ended", async () => {
    const batches = imageBatches([good, good, stuck], { size: 8, batchSize: 2, workers, timeout: 3000 });
    expect((await batches.next()).value?.number).toBe(0);
    await expect(batches.next()).rejects.toThrow(
      /expected batch 1 within 3 s, got none; of the 1 images being made .*stuck\.jpg\. Does/,
    );
  }, 15_000);

  it("with imageTimeout the image counts as unreadable, once, and the epochs go on", async () => {
    const images = [good, stuck, good, good];
    const onUnreadable = workers === 0 ? "skip" : "replace";
    const loader = createImageLoader(images, {
      size: 8,
      batchSize: 2,
      workers,
      imageTimeout: 300,
      onUnreadable,
    });
    const found: number[][] = [];
    for await (const { indices } of loader.epoch(0)) found.push([...indices]);
    for await (const { indices } of loader.epoch(1)) found.push([...indices]);
    const first = onUnreadable === "skip" ? [0] : [0, 3];
    expect(found).toEqual([first, [2, 3], first, [2, 3]]);
    const reason = expect.stringContaining("its file was not read within 0.3 s");
    expect(loader.unreadable).toEqual([{ path: stuck, reason }]);
    await loader.close();
    expect(loader.threadsLeft).toBe(workers);
  }, 15_000);
});
