import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findProgram } from "./find-program.js";
import { programStart } from "./program-start.js";

const folder = mkdtempSync(join(tmpdir(), "csl-find-program-"));
afterAll(() => rmSync(folder, { recursive: true }));
const program = join(folder, "tool");
writeFileSync(program, "#!/bin/sh\n");
chmodSync(program, 0o755);
mkdirSync(join(folder, "first/tool"), { recursive: true }); // a folder of that name is no program
writeFileSync(join(folder, "data"), "");

const list = (...folders: string[]): NodeJS.ProcessEnv => ({ PATH: folders.join(delimiter) });

describe.skipIf(process.platform === "win32")("findProgram", () => {
  const here = relative(process.cwd(), folder);
  it.each([
    ["a folder of PATH", "tool", list(join(folder, "first"), folder), program],
    ["a relative folder of PATH", "tool", list(here), undefined],
    ["an absolute folder behind a relative one", "tool", list(".", "", here, folder), program],
    ["a file that is no program", "data", list(folder), undefined],
    ["no PATH", "tool", {}, undefined],
    ["a path that a person wrote", `${here}/tool`, {}, program],
    ["an absolute path", program, {}, program],
  ])("%s", (_, command, env, found) => {
    expect(findProgram(command, env)).toBe(found);
  });

  it("gives a program no folder that depends on the current one, and no code to load besides", () => {
    const env = {
      ...list(folder, ".", ""),
      LD_LIBRARY_PATH: `${delimiter}/usr/lib`,
      CPATH: delimiter,
      TMPDIR: "tmp",
      NODE_OPTIONS: "--require ./hook.cjs",
      NODE_PATH: ".",
      PYTHONPATH: ".",
      HOME: "/home/a",
    };
    expect(programStart("tool", { env })).toEqual({
      file: program,
      cwd: "/",
      env: { PATH: folder, LD_LIBRARY_PATH: "/usr/lib", HOME: "/home/a", PWD: "/" },
    });
  });
});
