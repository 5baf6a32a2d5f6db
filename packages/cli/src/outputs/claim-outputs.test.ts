import { link, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { commands } from "../commands/commands.js";
import { rowsOf } from "../flags/flag.js";
import { claimOutputs } from "./claim-outputs.js";
import { formats, outputKinds } from "./output-kinds.js";

const { folder, at, file } = temporaryFolder();
const kind = outputKinds.evaluation;
const own = `${JSON.stringify({ format: formats.evaluation }, null, 2)}\n`;
const claim = (paths: string | string[], inputs: string[] = [], overwrite = false) =>
  claimOutputs(
    "csl test",
    [paths].flat().map((path, i) => ({ path, flag: `--out-${i}`, kind })),
    { inputs: inputs.map((path) => ({ path, flag: "--model-path" })), overwrite },
  );

describe("claimOutputs", () => {
  it("takes new files, and earlier outputs of the same kind", async () => {
    await claim([at("new.json"), at("deep", "new.json"), file("own.json", own)]);
  });

  it.each([
    ["another program's JSON", '{"format":"other","a":1}'],
    ["a file of another kind of ours", '{"format":"csl-thresholds/1"}'],
    ["text", "notes"],
    ["an empty file", ""],
  ])("refuses %s, and takes it with --overwrite", async (name, content) => {
    const path = file(`${name}.json`, content);
    await expect(claim(path)).rejects.toMatchObject({
      code: "already-exists",
      message: expect.stringMatching(
        /expected --out-0 to be a new file, or the numbers of an evaluation .*--overwrite/,
      ),
    });
    await claim(path, [], true);
    expect(await readFile(path, "utf8")).toBe(content);
  });

  const same: [string, (input: string) => Promise<string>][] = [
    ["its path", async (input) => input],
    ["./ before it", async (input) => `./${relative(process.cwd(), input)}`],
    [
      "a way through another folder",
      async (input) => input.replace(folder, `${folder}/../${folder.split("/").at(-1)}`),
    ],
    [
      "a symbolic link",
      async (input) => {
        await symlink(input, `${input}.link`);
        return `${input}.link`;
      },
    ],
    [
      "a hard link",
      async (input) => {
        await link(input, `${input}.hard`);
        return `${input}.hard`;
      },
    ],
    [
      "a linked folder",
      async (input) => {
        await symlink(folder, `${input}.folder`);
        return `${input}.folder/${input.split("/").at(-1)}`;
      },
    ],
  ];
  it.each(same)(
    "never takes an input, here by %s, not even with --overwrite or of the same kind",
    async (name, spell) => {
      const input = file(`input ${name.replace("/", "")}`, own);
      const path = await spell(input);
      await expect(claim(path, [input], true)).rejects.toThrow(/which is read by --model-path/);
      await expect(claim([path, at("x"), input])).rejects.toThrow(
        "expected --out-2 and --out-0 to be two files",
      );
    },
  );

  it("never takes a file in a folder that is read, but earlier outputs", async () => {
    await mkdir(at("data", "annotations"), { recursive: true });
    await writeFile(at("data", "annotations", "labels.json"), "{}");
    await writeFile(at("data", "own.json"), own);
    await expect(claim(at("data", "annotations", "labels.json"), [at("data")], true)).rejects.toThrow(
      /read by/,
    );
    await claim([at("data", "own.json"), at("data", "new.json")], [at("data")]);
  });

  it("two outputs that differ in case or Unicode form alone are one", async () => {
    await expect(claim([at("A.json"), at("a.json")])).rejects.toThrow("to be two files");
    await expect(claim([at("caf\u00e9"), at("cafe\u0301")])).rejects.toThrow("to be two files");
  });

  it("refuses a folder and a device", async () => {
    await expect(claim(folder, [], true)).rejects.toThrow(/which is a folder/);
    await expect(claim("/dev/null", [], true)).rejects.toThrow(/which is a device or a pipe/);
  });
});

it("every command that names a file to be written offers --overwrite", () => {
  for (const { name, flags } of commands) {
    const rows = rowsOf(flags);
    const writes = rows.some(([, { more }]) => typeof more.writes === "object");
    if (writes)
      expect(
        rows.map(([flag]) => flag),
        name,
      ).toContain("overwrite");
  }
});
