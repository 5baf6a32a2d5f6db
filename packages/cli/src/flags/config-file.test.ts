import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { camelCase, readConfigFile } from "./config-file.js";

async function file(name: string, text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "csl-config-")), name);
  await writeFile(path, text);
  return path;
}

describe("readConfigFile", () => {
  it("takes the three spellings of a flag", async () => {
    const path = await file("a.json", '{"gamma-unann": 4, "gamma_neg": 3, "likelihoodTopk": 5}');
    expect(await readConfigFile(path, ["gammaUnann", "gammaNeg", "likelihoodTopk"])).toEqual({
      gammaUnann: 4,
      gammaNeg: 3,
      likelihoodTopk: 5,
    });
  });

  it("takes a module", async () => {
    const path = await file("a.mjs", "export default { lr: 2e-4 };");
    expect(await readConfigFile(path, ["lr"])).toEqual({ lr: 2e-4 });
  });

  it("names an unknown key, broken JSON, a list and a missing file", async () => {
    await expect(readConfigFile(await file("a.json", '{"gama": 1}'), ["gammaNeg"])).rejects.toThrow(
      /has the key "gama".*Known: gamma-neg\.$/,
    );
    await expect(
      readConfigFile(await file("a.json", '{"gama_neg": 1}'), ["gammaNeg", "gammaPos", "lr"]),
    ).rejects.toThrow(/has the key "gama_neg".*Did you mean gamma-neg\?$/);
    await expect(readConfigFile(await file("b.json", "{"), [])).rejects.toThrow(/not valid JSON/);
    await expect(readConfigFile(await file("c.json", "[1]"), [])).rejects.toThrow(/got a list/);
    await expect(readConfigFile("/nowhere/d.json", [])).rejects.toThrow(/cannot be read/);
  });
});

describe("camelCase", () => {
  it.each([
    ["--partial-loss-mode", "partialLossMode"],
    ["path_dest", "pathDest"],
    ["lr", "lr"],
  ])("%s", (key, name) => expect(camelCase(key)).toBe(name));
});
