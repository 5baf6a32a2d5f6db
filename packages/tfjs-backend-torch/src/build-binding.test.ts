import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { thisProcess } from "@csl/internal/processes/process-identity";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bindingPath, buildBinding } from "./build-binding.js";
import type { Libtorch } from "./check-libtorch.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "binding-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const libtorch: Libtorch = {
  version: "2.0.0",
  include: ["/nowhere/include"],
  lib: "/nowhere/lib",
  cuda: false,
  source: "a test",
  fingerprint: "1 2",
};

/** A compiler that writes a line of its own for every call; `body` may do more, `standard` says whether it knows C++20. */
async function useCompiler(body = "", { standard = "true" } = {}): Promise<() => Promise<string[]>> {
  const path = join(folder, "c++");
  const calls = join(folder, "calls");
  const script = `#!/bin/sh
test "$1" = --version && exit 0
case "$*" in *-fsyntax-only*) ${standard}; exit ;; esac
echo "$*" >> '${calls}'
${body}
while test $# -gt 1; do test "$1" = -o && echo compiled > "$2"; shift; done
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  vi.stubEnv("CXX", path);
  return async () => (await readFile(calls, "utf8")).trim().split("\n");
}

const verify = async (): Promise<void> => {};
const cache = (): string => join(folder, "cache");
/** The lock removes its folder when nothing else is left in it. */
const inCache = (): Promise<string[]> => {
  const folder = join(cache(), "torch");
  return existsSync(folder) ? readdir(folder) : Promise.resolve([]);
};

test("compiles once; then the cache has it, and nothing else lies there", async () => {
  const calls = await useCompiler();
  const log = vi.fn();
  const path = await buildBinding(libtorch, { cache: cache(), verify, log });
  const compiled = (await calls()).length;
  expect(await readFile(path, "utf8")).toBe("compiled\n");
  expect(await buildBinding(libtorch, { cache: cache(), verify, log })).toBe(path);
  expect(await calls()).toHaveLength(compiled);
  expect(log.mock.calls).toEqual([[expect.stringContaining("libtorch 2.0.0 (a test), once")]]);
  expect(dirname(path)).toBe(join(cache(), "torch"));
  expect(await inCache()).toHaveLength(1);
  // Every source once, and one link that names libtorch's folder for the time when the binding is loaded.
  expect(new Set(await calls()).size).toBe(compiled);
  expect((await calls()).at(-1)).toContain("-Wl,-rpath,/nowhere/lib");
  // libtorch's headers first, into the file that g++ and clang look for beside the header that every source begins with.
  const header = /-x c\+\+-header (\S+) -o \1\.gch$/.exec((await calls())[0]!)?.[1];
  const sources = (await calls()).filter((call) => call.includes(" -c "));
  expect(sources).toHaveLength(compiled - 2);
  for (const call of sources) expect(call).toContain(` -include ${header} -c `);
  // clang's -fopenmp would bring a second pool of threads beside libtorch's.
  expect((await calls()).join()).not.toContain("openmp");
});

test("of two that ask at once one compiles, and both get it", async () => {
  const calls = await useCompiler("sleep 0.2");
  const both = await Promise.all([1, 2].map(() => buildBinding(libtorch, { cache: cache(), verify })));
  expect(new Set(both).size).toBe(1);
  expect((await calls()).filter((call) => call.includes("-shared"))).toHaveLength(1);
  expect(await inCache()).toHaveLength(1);
});

test("the key knows version, folder and file of libtorch", async () => {
  const variants: Partial<Libtorch>[] = [
    {},
    { version: "2.0.1" },
    { lib: "/elsewhere/lib" },
    { fingerprint: "1 3" },
    { cuda: true },
  ];
  const paths = await Promise.all(variants.map((change) => bindingPath({ ...libtorch, ...change })));
  expect(new Set(paths).size).toBe(variants.length);
});

test("a compiler that fails is quoted by its first error; nothing stays behind", async () => {
  await useCompiler("echo 'In file included from x' >&2; echo 'x.h:1: error: no such thing' >&2; exit 1");
  await expect(buildBinding(libtorch, { cache: cache(), verify })).rejects.toThrow(
    /^torch: .*c\+\+ could not compile the binding: x\.h:1: error: no such thing\.$/,
  );
  expect(await inCache()).toEqual([]);
});

test("a compiler too old for C++20 is named as the cause", async () => {
  await useCompiler(`echo "error: unrecognized option '-std=c++20'" >&2; exit 1`, { standard: "false" });
  await expect(buildBinding(libtorch, { cache: cache(), verify })).rejects.toThrow(
    "C++20 is needed: g++ 11 or clang 13",
  );
});

test("without a compiler the way to one is named", async () => {
  vi.stubEnv("CXX", "no-such-compiler");
  await expect(buildBinding(libtorch, { cache: cache(), verify })).rejects.toThrow(
    "torch: no C++ compiler (no-such-compiler). To get one: apt-get install g++",
  );
});

test("a binding that does not load never enters the cache", async () => {
  await useCompiler();
  // What the compiler wrote is no library: the process that tries it says so.
  await expect(buildBinding(libtorch, { cache: cache() })).rejects.toThrow(
    /^torch: libtorch 2\.0\.0 \(a test\) does not load: .*csl_torch\.node: .+\. Reinstall it, or name another in LIBTORCH\.$/,
  );
  expect(await inCache()).toEqual([]);
});

test("what killed runs left goes at the next start: folders of any binding, and locks of ended processes", async () => {
  await useCompiler();
  const target = await bindingPath(libtorch, { cache: cache() });
  const other = join(cache(), "torch", "1.9-0123.node");
  const dead = JSON.stringify({ ...thisProcess(), pid: spawnSync("true").pid, token: "x" });
  const running = JSON.stringify({ ...thisProcess(), token: "y" });
  for (const of of [target, other]) {
    await mkdir(`${of}.build`, { recursive: true });
    await mkdir(`${of}.build-aBc123`);
    await writeFile(join(`${of}.build-aBc123`, "libtorch.h.gch"), "large");
    await writeFile(`${of}.lock`, dead);
  }
  const inUse = join(cache(), "torch", "2.1-4567.node");
  await mkdir(`${inUse}.build-def456`);
  await writeFile(`${inUse}.lock`, running);
  await mkdir(join(cache(), "torch", "build-qwerty"));
  await buildBinding(libtorch, { cache: cache(), verify });
  expect(await inCache()).toEqual(
    [target, `${inUse}.build-def456`, `${inUse}.lock`].map((path) => basename(path)).sort(),
  );
});

test("waiting for a process that compiles is announced, and ends with the signal, as compiling does", async () => {
  await useCompiler("sleep 5");
  const stop = new AbortController();
  const { signal } = stop;
  const log = vi.fn();
  const first = buildBinding(libtorch, { cache: cache(), verify, signal });
  await vi.waitFor(async () => expect((await inCache()).some((name) => name.includes(".build-"))).toBe(true));
  const second = buildBinding(libtorch, { cache: cache(), verify, log, signal });
  await vi.waitFor(() =>
    expect(log).toHaveBeenCalledWith(
      expect.stringMatching(
        /^waiting for process \d+ on .* \(.*, since .*\), which compiles the same binding$/,
      ),
    ),
  );
  const reason = new Error("enough");
  stop.abort(reason);
  const rejected = { status: "rejected", reason };
  expect(await Promise.allSettled([first, second])).toEqual([rejected, rejected]);
  expect(await inCache()).toEqual([]);
});
