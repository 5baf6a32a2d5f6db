import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compileTime, withoutTorch } from "../test/use-torch.js";
import { compile, findCompiler } from "./compiler.js";

test.skipIf(withoutTorch || process.platform !== "linux")(
  "the arena keeps contents, counts and promises: conformance/host-arena.cc",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "csl-arena-"));
    try {
      const source = fileURLToPath(new URL("../conformance/host-arena.cc", import.meta.url));
      const program = join(folder, "host-arena");
      await compile(findCompiler(), ["-std=c++20", "-O1", "-pthread", source, "-o", program], {
        step: "compile host-arena.cc",
      });
      // What it misses it says on stderr, which the error carries.
      expect(execFileSync(program, { encoding: "utf8" })).toBe("ok\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  compileTime,
);
