import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeEach, describe, expect, it } from "vitest";
import { openRunFolder } from "./run-folder.js";

const { at } = temporaryFolder();
let number = 0;
let pathDest = "";
beforeEach(() => {
  pathDest = at(`run ${number++}`);
});
const put = async (names: readonly string[], content = ""): Promise<void> => {
  await mkdir(pathDest, { recursive: true });
  for (const name of names) await writeFile(`${pathDest}/${name}`, content);
};
const left = async (): Promise<string[]> => (await readdir(pathDest)).sort();
const run = ["best.safetensors", "config.json", "last.safetensors", "log.jsonl", "prior.json", "result.json"];

describe("openRunFolder", () => {
  it("takes a folder that is not there, and one that holds nothing of a run", async () => {
    await openRunFolder({ pathDest, overwrite: false });
    await put(["notes.txt"]);
    const { clear } = await openRunFolder({ pathDest, overwrite: false });
    await clear();
    expect(await left()).toEqual(["notes.txt"]);
  });

  it("refuses one that holds a run, with every way out, and changes nothing", async () => {
    await put(run);
    const last = "--resume .*last\\.safetensors, or choose another --path-dest; to lose it, pass --overwrite";
    await expect(openRunFolder({ pathDest, overwrite: false })).rejects.toThrow(
      new RegExp(
        `with last\\.safetensors, best\\.safetensors, result\\.json and prior\\.json, written .*${last}`,
      ),
    );
    expect(await left()).toEqual(run);
  });

  it.each(["best.safetensors", "prior.json"])(
    "refuses one with %s alone, which cannot be resumed",
    async (name) => {
      await put([name]);
      const refused = openRunFolder({ pathDest, overwrite: false });
      await expect(refused).rejects.toThrow(/To keep that run, choose another --path-dest; to lose it/);
    },
  );

  it("a log counts when it tells of a step: a run that could not begin is tried again", async () => {
    await put(["log.jsonl", "config.json"], '{"type":"start"}\n');
    await openRunFolder({ pathDest, overwrite: false });
    await put(["log.jsonl"], '{"type":"start"}\n{"type":"step","step":1}\n');
    await expect(openRunFolder({ pathDest, overwrite: false })).rejects.toThrow(
      /log\.jsonl and config\.json/,
    );
  });

  it("simulated labels count where new ones would take their place", async () => {
    await mkdir(`${pathDest}/labels`, { recursive: true });
    const simulating = { pathDest, overwrite: false, simulatePartialType: "rps" } as const;
    await expect(openRunFolder(simulating)).rejects.toThrow(/with labels, written/);
    await openRunFolder({ ...simulating, labels: `${pathDest}/labels` });
  });

  it("continues its own last.safetensors, by any name, and not with another run's", async () => {
    await put(run);
    const link = at(`link ${number}`);
    await symlink(pathDest, link);
    const { clear } = await openRunFolder({ pathDest, overwrite: true, resume: `${link}/last.safetensors` });
    await clear();
    expect(await left()).toEqual(run);
    const resume = `${pathDest}/best.safetensors`;
    await expect(openRunFolder({ pathDest, overwrite: false, resume })).rejects.toThrow("an earlier run");
  });

  it("with overwrite clears the run away, but for what the new one reads and what is no run's", async () => {
    await put([...run, "notes.txt"]);
    const modelPath = `${pathDest}/best.safetensors`;
    const { clear } = await openRunFolder({ pathDest, overwrite: true, modelPath });
    expect(await left()).toHaveLength(7); // not before the new one has begun
    await clear();
    expect(await left()).toEqual(["best.safetensors", "notes.txt"]);
  });
});
