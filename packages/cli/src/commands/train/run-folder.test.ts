import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Input } from "../../outputs/claim-outputs.js";
import { openRunFolder as open, type RunFolder, type RunFolderOptions } from "./run-folder.js";

const { at } = temporaryFolder();
let number = 0;
let pathDest = "";
let opened: RunFolder[] = [];
beforeEach(() => {
  pathDest = at(`run ${number++}`);
});
afterEach(async () => {
  for (const { release } of opened) await release();
  opened = [];
});
/** Takes the folder as a run does; the next one of a test comes after its end. */
async function openRunFolder(options: RunFolderOptions, inputs: readonly Input[] = []): Promise<RunFolder> {
  for (const { release } of opened) await release();
  const folder = await open(options, inputs);
  opened = [folder];
  return folder;
}
const put = async (names: readonly string[], content = ""): Promise<void> => {
  await mkdir(pathDest, { recursive: true });
  for (const name of names) await writeFile(`${pathDest}/${name}`, content);
};
const left = async (): Promise<string[]> =>
  (await readdir(pathDest)).filter((name) => name !== "run.lock").sort();
const run = ["best.safetensors", "config.json", "last.safetensors", "log.jsonl", "prior.json", "result.json"];

describe("openRunFolder", () => {
  it("takes a folder that is not there, and one that holds nothing of a run", async () => {
    await openRunFolder({ pathDest, overwrite: false });
    await put(["notes.txt"]);
    const { begin } = await openRunFolder({ pathDest, overwrite: false });
    await begin();
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
    await put(["log.jsonl"], '{"type":"start"}\n');
    await put(["config.json"], '{"partialLossMode":"ignore"}');
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
    const { begin } = await openRunFolder({ pathDest, overwrite: true, resume: `${link}/last.safetensors` });
    await begin();
    expect(await left()).toEqual(run);
    const resume = `${pathDest}/best.safetensors`;
    await expect(openRunFolder({ pathDest, overwrite: false, resume })).rejects.toThrow("an earlier run");
  });

  it("with overwrite clears the run away, and nothing else", async () => {
    await put([...run, "notes.txt"]);
    const { begin } = await openRunFolder({ pathDest, overwrite: true });
    expect(await left()).toHaveLength(7); // not before the new one has begun
    await begin();
    expect(await left()).toEqual(["notes.txt"]);
  });

  it.each(["best.safetensors", "prior.json", "config.json"])(
    "never replaces %s when the run reads it, not even with overwrite",
    async (name) => {
      await put([...run, "notes.txt"]);
      const link = at(`link ${number}`);
      await symlink(`${pathDest}/${name}`, link);
      for (const path of [`${pathDest}/${name}`, link])
        await expect(
          openRunFolder({ pathDest, overwrite: true }, [{ path, flag: "--some-flag" }]),
        ).rejects.toThrow(/which is read by --some-flag\. Choose another/);
      expect(await left()).toHaveLength(7);
    },
  );

  it("a person's own config.json or log.jsonl is refused, and stays", async () => {
    for (const [name, content] of [
      ["config.json", '{"name":"my project"}'],
      ["log.jsonl", '{"level":"info"}\n'],
    ] as const) {
      pathDest = at(`own ${name}`);
      await put([name], content);
      await expect(openRunFolder({ pathDest, overwrite: false })).rejects.toThrow(
        /expected --path-dest to be a new file, or the .* of a training .*--overwrite/,
      );
      expect(await readFile(`${pathDest}/${name}`, "utf8")).toBe(content);
    }
  });

  it("keeps a second run out until the first has ended, and leaves no folder of one that is refused", async () => {
    const first = await open({ pathDest, overwrite: false }, []);
    await expect(open({ pathDest, overwrite: true }, [])).rejects.toMatchObject({ code: "in-use" });
    await first.release();
    await expect(readdir(pathDest)).rejects.toThrow("ENOENT");
  });

  it("continued in another folder, the run has its log, prior and scores there", async () => {
    await put([...run, "per-class.csv"], "of the first part");
    const from = pathDest;
    pathDest = at(`continued ${number}`);
    const { begin } = await openRunFolder({
      pathDest,
      overwrite: false,
      resume: `${from}/last.safetensors`,
    });
    await begin();
    expect(await left()).toEqual(["log.jsonl", "per-class.csv", "prior.json"]);
  });
});
