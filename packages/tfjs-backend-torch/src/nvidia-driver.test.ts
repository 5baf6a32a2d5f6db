import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasNvidiaDriver } from "./nvidia-driver.js";

test.each(["nvidiactl", "dxg"])("a driver shows by /dev/%s", async (device) => {
  const root = await mkdtemp(join(tmpdir(), "driver-"));
  try {
    expect(hasNvidiaDriver(root)).toBe(false);
    await mkdir(join(root, "dev"));
    await writeFile(join(root, "dev", device), "");
    expect(hasNvidiaDriver(root)).toBe(true);
  } finally {
    await rm(root, { recursive: true });
  }
});
