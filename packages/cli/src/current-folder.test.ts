import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// A folder that somebody sent: whatever is in it, a command that is typed there runs none of it. Each trap leaves a mark.
describe.skipIf(process.platform === "win32")("a folder with traps in it", () => {
  let folder: string;
  let marks: string;
  beforeAll(async () => {
    const root = await mkdtemp(join(tmpdir(), "csl-traps-"));
    [folder, marks] = [join(root, "folder"), join(root, "marks")];
    await mkdir(marks);
    const put = async (name: string, text: string, mode = 0o644): Promise<void> => {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      await chmod(path, mode);
    };
    const mark = (name: string): string => join(marks, name.replaceAll("/", "+"));
    const python = (name: string): string => `open(${JSON.stringify(mark(name))}, "w").close()\n`;
    const javascript = (name: string): string =>
      `require("node:fs").writeFileSync(${JSON.stringify(mark(name))}, "");`;
    for (const name of [
      ...["torch/__init__.py", "torch.py", "tensorflow/__init__.py", "site.py", "os.py", "codecs.py"],
      ...["importlib/__init__.py", "sitecustomize.py", "usercustomize.py", "encodings/__init__.py"],
    ])
      await put(name, python(name));
    for (const name of ["python3", "python", "g++", "clang++", "c++", "nvidia-smi", "bin/python3", "bin/g++"])
      await put(name, `#!/bin/sh\n: > '${mark(name)}'\n`, 0o755);
    for (const name of ["@csl/tfjs-backend-torch", "@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"])
      for (const place of ["node_modules", "."]) {
        await put(`${place}/${name}/package.json`, JSON.stringify({ name, version: "9.9.9", main: "i.cjs" }));
        await put(`${place}/${name}/i.cjs`, javascript(`${place}/${name}`));
        await put(`${place}/${name}/lib/napi-v8/tfjs_binding.node`, "no library");
      }
    // What tells a libtorch: its headers and its library.
    for (const place of ["torch", ".", "lib"]) {
      await put(`${place}/include/torch/csrc/api/include/torch/version.h`, "#define TORCH_VERSION_MAJOR 2\n");
      await put(`${place}/lib/libtorch_cpu.so`, "no library");
    }
    for (const name of ["csl.config.js", "csl.config.cjs", ".cslrc.js", "index.js"])
      await put(name, javascript(name));
  }, 30_000);
  afterAll(() => rm(dirname(folder), { recursive: true }));

  /** `csl …` typed there by a person whose variables hold relative folders. */
  async function csl(...words: string[]): Promise<string> {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const relative = [".", "", "bin", ...(env.PATH ?? "").split(delimiter)].join(delimiter);
    const hostile = { PATH: relative, PYTHONPATH: ".", NODE_PATH: ".", PYTHONSTARTUP: "torch.py" };
    const caches = { XDG_CACHE_HOME: ".", CSL_CACHE: "" };
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [
        "--conditions=@csl/source",
        `--import=${import.meta.resolve("tsx")}`,
        join(import.meta.dirname, "main.ts"),
        ...words,
      ],
      { cwd: folder, env: { ...env, ...hostile, ...caches }, timeout: 60_000 },
    );
    return stdout + stderr;
  }

  it("csl engines starts nothing and finds nothing there", async () => {
    const before = (await readdir(folder)).sort();
    const text = await csl("engines");
    expect(text).toContain("wasm");
    expect(text).not.toContain("9.9.9");
    expect(text).not.toContain(folder);
    expect(await readdir(marks)).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(before);
  }, 90_000);
});
