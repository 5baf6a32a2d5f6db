import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildTensorflow } from "./build-tensorflow.js";

// Stand-ins for the wheel, for tfjs-node and for the compiler: what is tested is finding, placing and saying what is
// missing. tooling/tfjs-node runs the real thing.
describe.runIf(process.platform === "linux")("buildTensorflow", () => {
  let folder: string;
  let packageFolder: string;
  let wheel: string;
  let cache: string;

  const put = async (path: string, text: string, mode = 0o644): Promise<string> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  };
  const program = (name: string, script: string): Promise<string> =>
    put(join(folder, name), `#!/bin/sh\n${script}\n`, 0o755);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "csl-engine-"));
    packageFolder = join(folder, "node_modules/@tensorflow/tfjs-node");
    wheel = join(folder, "tensorflow");
    cache = join(folder, "cache");
    await put(join(packageFolder, "package.json"), '{ "version": "4.22.0" }');
    for (const path of [
      "include/tensorflow/c/c_api.h",
      "include/tensorflow/c/eager/c_api.h",
      "libtensorflow_cc.so.2",
    ])
      await put(join(wheel, path), "");
    await put(join(wheel, "libtensorflow_framework.so.2"), "");
    vi.stubEnv("CSL_ENGINE_MODULES", folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it("asks Python, compiles, and places nothing that does not load", async () => {
    const python = await program("python", `echo ${wheel}`);
    const fake = await program("cxx", 'while [ "$1" != -o ]; do shift; done; echo "not a library" > "$2"');
    await expect(buildTensorflow({ python, cache, compiler: fake })).rejects.toThrow(
      /^buildTensorflow: the binding compiled but does not load: Error: .*(invalid ELF header|file too short)/,
    );
    await expect(readFile(join(packageFolder, "lib/napi-v8/tfjs_binding.node"))).rejects.toThrow("ENOENT");
  });

  it("with gpu: the other package, and a wheel that was built with CUDA", async () => {
    const options = { gpu: true, tensorflow: wheel, cache };
    await expect(buildTensorflow(options)).rejects.toThrow(
      /To get it: .*@tensorflow\/tfjs-node-gpu@4\.22\.0/,
    );
    await put(join(folder, "node_modules/@tensorflow/tfjs-node-gpu/package.json"), '{ "version": "4.22.0" }');
    await put(join(wheel, "python/platform/build_info.py"), "build_info = {'is_cuda_build': False}");
    await expect(buildTensorflow(options)).rejects.toThrow(
      /built with CUDA, got .* CPU only .*pip install 'tensorflow\[and-cuda\]'/,
    );
    await put(
      join(wheel, "python/platform/build_info.py"),
      "build_info = OrderedDict([('is_cuda_build', True)])",
    );
    const lines: string[] = [];
    const compiler = await program("cxx", "exit 1");
    const log = (line: string): unknown => lines.push(line);
    await expect(buildTensorflow({ ...options, compiler, log })).rejects.toThrow(/cxx failed/);
    expect(lines).toEqual([`TensorFlow: ${wheel}`, "compiling the binding of tfjs-node-gpu 4.22.0"]);
  });

  it("names what is missing and the command that installs it", async () => {
    const without = await program("without", "echo");
    const failing = await program("failing", 'echo "no such module" >&2; exit 1');
    const cxx = await program("cxx", 'echo "binding/tfjs_backend.cc:1: error: no C++" >&2; exit 1');
    const cases: [Parameters<typeof buildTensorflow>[0], RegExp][] = [
      [{ python: join(folder, "none") }, /expected a Python \(.*none\).*apt install python3/],
      [{ python: without }, /it has no TensorFlow\. To have one: .*pip install --no-deps tensorflow-cpu/],
      [{ python: failing }, /it failed: no such module/],
      [{ tensorflow: join(folder, "empty") }, /got .*empty without include\/tensorflow\/c\/c_api\.h/],
      [{ tensorflow: wheel, compiler: join(folder, "none") }, /expected a C\+\+ compiler.*apt install g\+\+/],
      [{ tensorflow: wheel, compiler: cxx }, /failed: binding\/tfjs_backend\.cc:1: error: no C\+\+\./],
    ];
    for (const [options, message] of cases)
      await expect(buildTensorflow({ ...options, cache })).rejects.toThrow(message);
    await rm(join(packageFolder, "package.json"));
    await expect(buildTensorflow({ tensorflow: wheel, cache })).rejects.toThrow(
      /To get it: .*@tensorflow\/tfjs-node@4\.22\.0/,
    );
  });
});
