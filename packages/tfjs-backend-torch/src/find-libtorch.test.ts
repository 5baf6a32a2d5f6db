import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findLibtorch } from "./find-libtorch.js";
import { requireLibtorch } from "./load-binding.js";

let folder: string;
const suffix = process.platform === "darwin" ? "dylib" : "so";
const multiarch = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "libtorch-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(path: string, text = ""): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const versionHeader = (version: string): string => {
  const [major, minor, patch] = version.split(".");
  return `#define TORCH_VERSION_MAJOR ${major}\n#define TORCH_VERSION_MINOR ${minor}\n#define TORCH_VERSION_PATCH ${patch}\n`;
};

/** A folder that looks like libtorch. */
async function fakeLibtorch(root: string, version: string): Promise<string> {
  await file(join(root, "include/torch/csrc/api/include/torch/version.h"), versionHeader(version));
  await file(join(root, `lib/libtorch_cpu.${suffix}`));
  return root;
}

/** A command that answers like a Python whose torch package lies in `root`; without one, like a Python that has none. */
async function fakePython(path: string, root = ""): Promise<string> {
  await file(path, `#!/bin/sh\necho '${root}'\n`);
  await chmod(path, 0o755);
  return path;
}

/** A machine with nothing on it, seen from `folder`. */
const bare = () => ({ env: { PATH: join(folder, "bin") }, systemRoot: join(folder, "system") });

test("a machine without libtorch: every place is named, with what is missing there", () => {
  const { found, tried } = findLibtorch(bare());
  expect(found).toBeUndefined();
  expect(tried).toContain("LIBTORCH is not set");
  expect(tried).toContain("python3 does not run");
  expect(tried.join("\n")).toMatch(/Debian's libtorch-dev: no torch\/version\.h in .*usr\/include or/);
  expect(tried.join("\n")).toMatch(/opt\/homebrew: no torch\/version\.h/);
});

describe("each place is found, and goes before those below it", () => {
  test("LIBTORCH, CSL_PYTHON, python3, /usr/bin/python3, Debian, prefixes", async () => {
    const { env, systemRoot } = bare();
    const bin = join(folder, "bin/python3");
    const at = (name: string): string => join(folder, name);
    const search = (more: NodeJS.ProcessEnv = {}) =>
      findLibtorch({ env: { ...env, ...more }, systemRoot }).found;

    await fakeLibtorch(join(systemRoot, "usr/local"), "1.1.0");
    expect(search()).toMatchObject({ version: "1.1.0", source: join(systemRoot, "usr/local"), cuda: false });

    await file(
      join(systemRoot, "usr/include/torch/csrc/api/include/torch/version.h"),
      versionHeader("1.2.0"),
    );
    await file(join(systemRoot, "usr/lib", multiarch, `libtorch_cpu.${suffix}`));
    expect(search()).toMatchObject({ version: "1.2.0", source: "Debian's libtorch-dev" });

    await fakePython(join(systemRoot, "usr/bin/python3"), await fakeLibtorch(at("system-python"), "1.3.0"));
    expect(search()).toMatchObject({ version: "1.3.0", lib: at("system-python/lib") });

    await fakePython(bin, await fakeLibtorch(at("path-python"), "1.4.0"));
    expect(search()).toMatchObject({ version: "1.4.0", source: "the torch package of python3" });

    const python = await fakePython(at("venv/python"), await fakeLibtorch(at("venv-torch"), "1.5.0"));
    expect(search({ CSL_PYTHON: python })).toMatchObject({ version: "1.5.0" });

    const LIBTORCH = await fakeLibtorch(at("chosen"), "1.6.0");
    expect(search({ CSL_PYTHON: python, LIBTORCH })).toMatchObject({ version: "1.6.0", source: "LIBTORCH" });
  });

  test("a Python without torch is skipped", async () => {
    const { env, systemRoot } = bare();
    await fakePython(join(folder, "bin/python3"));
    await fakeLibtorch(join(systemRoot, "usr/local"), "1.1.0");
    const { found, tried } = findLibtorch({ env, systemRoot });
    expect(found?.version).toBe("1.1.0");
    expect(tried).toContain("python3 has no torch");
  });
});

test("a LIBTORCH that names no libtorch is not replaced by another", async () => {
  const { env, systemRoot } = bare();
  await fakeLibtorch(join(systemRoot, "usr/local"), "1.1.0");
  const LIBTORCH = join(folder, "nowhere");
  const { found, tried } = findLibtorch({ env: { ...env, LIBTORCH }, systemRoot });
  expect(found).toBeUndefined();
  expect(tried).toEqual([
    `LIBTORCH: no torch/version.h in ${LIBTORCH}/include or ${LIBTORCH}/include/torch/csrc/api/include`,
  ]);
});

test("on Windows nothing is looked for, and the way out is named", async () => {
  const LIBTORCH = await fakeLibtorch(join(folder, "chosen"), "2.0.0");
  const search = findLibtorch({ ...bare(), env: { LIBTORCH }, platform: "win32" });
  expect(search).toEqual({ unsupported: "not offered on Windows", tried: [] });
  expect(() => requireLibtorch(search)).toThrow(
    /^torch: the torch engine is not offered on Windows\. Instead: use it in WSL .*other engines\.$/,
  );
});

test("headers without the library are no libtorch", async () => {
  const LIBTORCH = join(folder, "half");
  await file(join(LIBTORCH, "include/torch/csrc/api/include/torch/version.h"), versionHeader("2.0.0"));
  const { found, tried } = findLibtorch({ ...bare(), env: { LIBTORCH } });
  expect(found).toBeUndefined();
  expect(tried).toEqual([`LIBTORCH: no libtorch_cpu.${suffix} in ${LIBTORCH}/lib`]);
});

test("the version is read where newer headers keep it, and CUDA is seen by its library", async () => {
  const LIBTORCH = join(folder, "new");
  const include = join(LIBTORCH, "include/torch");
  await file(join(include, "csrc/api/include/torch/version.h"), "#include <torch/headeronly/version.h>\n");
  await file(join(include, "headeronly/version.h"), versionHeader("2.13.1"));
  await file(join(LIBTORCH, `lib/libtorch_cpu.${suffix}`));
  await file(join(LIBTORCH, `lib/libtorch_cuda.${suffix}`));
  expect(findLibtorch({ ...bare(), env: { LIBTORCH } }).found).toMatchObject({
    version: "2.13.1",
    cuda: true,
  });
});
