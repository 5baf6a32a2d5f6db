import * as nodeFiles from "node:fs/promises";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, test } from "vitest";
import { type AtomicFiles, writeFileAtomically } from "./write-file-atomically.js";

const { folder, at, file } = temporaryFolder();
/** The real file system; what is done to files is noted, and `fail` may throw at each step. */
function watched(fail: (step: string) => void = () => {}): { files: AtomicFiles; steps: string[] } {
  const steps: string[] = [];
  const note = (step: string): void => {
    steps.push(step);
    fail(step);
  };
  const open: AtomicFiles["open"] = async (path, flags) => {
    const real = await nodeFiles.open(path, flags);
    return {
      write: (...args) => real.write(...args),
      writeFile: async (data) => {
        await real.writeFile(data);
        note("write");
      },
      sync: async () => note(flags === "r" ? "flush the folder" : "flush"),
      close: () => real.close(),
    };
  };
  const rename: AtomicFiles["rename"] = async (from, to) => {
    note("rename");
    await nodeFiles.rename(from, to);
  };
  return { files: { ...nodeFiles, open, rename }, steps };
}

const failing = (at: string, code: string) => (step: string) => {
  if (step === at) throw Object.assign(new Error(`${code}: what the system says`), { code });
};

test("written by a function; what it throws comes out as it is, the old file stays and nothing else", async () => {
  const path = at("b.txt");
  await writeFileAtomically(path, (to) => to.write(Uint8Array.of(104), 0, 1, 0).then(() => {}), "test");
  const own = new Error("no");
  await expect(writeFileAtomically(path, () => Promise.reject(own), "test")).rejects.toBe(own);
  const reading = () => readFile(at("nowhere", "c.txt")).then(() => {});
  await expect(writeFileAtomically(path, reading, "test")).rejects.toThrow(/^ENOENT.*c\.txt/);
  expect(await readFile(path, "utf8")).toBe("h");
  expect((await readdir(folder)).filter((name) => name.startsWith("b"))).toEqual(["b.txt"]);
});

test("on the disk before it gets its name, and then the name", async () => {
  const { files, steps } = watched();
  await writeFileAtomically(at("flushed"), "x", "test", { files });
  expect(steps).toEqual(["write", "flush", "rename", "flush the folder"]);
});

test.each([
  [
    "write",
    "ENOSPC",
    "the disk is full (ENOSPC). Free some space on it; what was there before is as it was.",
  ],
  ["flush", "EIO", "the disk failed (EIO). Check the disk"],
  ["rename", "EACCES", "you may not write there (EACCES). Choose another folder, or change its permissions"],
  ["write", "EXOTIC", "EXOTIC: what the system says. Choose another folder"],
])(
  "a %s that fails with %s: in plain words, the old file stays, no other is left",
  async (step, code, told) => {
    const path = file("last.csl", "old");
    const { files } = watched(failing(step, code));
    await expect(writeFileAtomically(path, "new", "test", { files })).rejects.toThrow(
      `test: cannot write ${path}: ${told}`,
    );
    expect(await readFile(path, "utf8")).toBe("old");
    expect((await readdir(folder)).filter((name) => name.startsWith("last"))).toEqual(["last.csl"]);
  },
);

test("a file system that cannot flush writes all the same, and so does one whose folders cannot be flushed", async () => {
  for (const [step, code] of [
    ["flush", "EINVAL"],
    ["flush the folder", "EPERM"],
  ] as const) {
    await writeFileAtomically(at(code), "x", "test", watched(failing(step, code)));
    expect(await readFile(at(code), "utf8")).toBe("x");
  }
});

test("a path through a file, and a folder of that name", async () => {
  const through = at(file("taken", "").slice(folder.length + 1), "x");
  await expect(writeFileAtomically(through, "", "test")).rejects.toThrow(
    /taken.x: a part of its path is a file, not a folder \((ENOTDIR|EEXIST)\)\. Choose another folder/,
  );
  await mkdir(at("named", "inside"), { recursive: true });
  await expect(writeFileAtomically(at("named"), "", "test")).rejects.toThrow(
    /a folder has that name \(EISDIR/,
  );
});
