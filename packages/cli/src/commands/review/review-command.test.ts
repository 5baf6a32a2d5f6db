import { readFile, rename, writeFile } from "node:fs/promises";
import { openDataset } from "@csl/datasets";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../../run-command.js";

const { at, file } = temporaryFolder();
const hostile = "=cmd</script><img src=x>";
let told = "";
const context = { out: { write: (text: string) => (told += text) }, err: { write: () => {} } };

async function csl(...words: string[]): Promise<string> {
  told = "";
  await runCommand(words, context);
  return told;
}

const data = (): string[] => ["--data", at("own/labels.csv"), "--images", at("images"), "--out", at("new")];
const apply = (answers: string, ...more: string[]): Promise<string> =>
  csl("review", ...data(), "--apply", answers, ...more);
const labels = (): Promise<string> => readFile(at("new/train.jsonl"), "utf8");

const imageName = (i: number): string => `${String(i + 1).padStart(6, "0")}.png`;

/** The rows of review.csv with an answer to each known entry: the opposite of what is annotated. */
async function answered(): Promise<string> {
  const rows = (await readFile(at("asked/review.csv"), "utf8")).trimEnd().split("\n");
  return rows
    .map((row) => row.replace(/,([01]),,,/, (_, label) => `,${label},${label === "1" ? "no" : "yes"},1.5,`))
    .join("\n");
}

beforeAll(async () => {
  for (let i = 0; i < 24; i++) {
    const background = { r: i & 1 ? 200 : 40, g: i & 2 ? 200 : 40, b: 8 * i };
    const create = { width: 32, height: 32, channels: 3 as const, background };
    file(`images/${imageName(i)}`, await sharp({ create }).png().toBuffer());
  }
  // A class whose name is a formula and markup; half of the entries are annotated.
  const classes = ["cat", hostile];
  const rows = Array.from({ length: 24 }, (_, i) => {
    const said = classes.map((_, c) => (i % 4 === 3 ? -1 : (i >> c) & 1));
    const list = (label: number): string =>
      classes
        .filter((_, c) => said[c] === label)
        .map((id) => `"${id}"`)
        .join(";");
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    return `${imageName(i)},${quoted(list(1))},${quoted(list(0))}`;
  });
  file("own/labels.csv", `path,positives,negatives\n${rows.join("\n")}\n`);
  file("own/classes.csv", `id,name\ncat,Cat\n"${hostile}","${hostile}"\n`);
  const small = [
    "--image-size",
    "32",
    "--engine",
    "wasm",
    "--workers",
    "0",
    "--model-path",
    "tresnet_tiny.scenes",
  ];
  await csl("review", ...data(), ...small, "--known", "6", "--questions", "5", "--out", at("asked"));
});

describe("csl review", () => {
  it("asks about annotated and un-annotated entries, and shows names as text in both files", async () => {
    expect(told).toMatch(/known entries: the scores contradict \d+ of 36/);
    const csv = await readFile(at("asked/review.csv"), "utf8");
    expect(csv.match(/,known,/g)).toHaveLength(6);
    expect(csv.match(/,unknown,/g)).toHaveLength(5);
    expect(csv).toContain(`'${hostile}`);
    expect(csv).not.toContain(`,${hostile}`);
    const page = await readFile(at("asked/review.html"), "utf8");
    expect(page).not.toMatch(/<img src=x>|=cmd<\/script>/);
    expect(page).toContain("data:image/jpeg;base64,");
  });

  it("applies answers, takes them back, and applies them again to the same labels", async () => {
    const own = await readFile(at("own/labels.csv"), "utf8");
    const answers = file("answers.csv", await answered());
    expect(await apply(answers)).toMatch(/6 answers, given in 0:09: 6 labels changed, 5 without an answer/);
    const changed = await labels();
    const before = await (await openDataset(at("own/labels.csv"))).split("train");
    const after = await (await openDataset(at("new"))).split("train");
    expect(after.truth.classes.ids).toEqual(["cat", hostile]);
    expect((await after.images()).list.length).toBe(24);
    const cells = (table: typeof after.truth): number[] => [
      ...table.dense(Array.from({ length: 24 }, (_, i) => i)),
    ];
    const differing = cells(after.truth).filter((label, i) => label !== cells(before.truth)[i]);
    expect(differing).toHaveLength(6);
    expect(await apply(answers)).toMatch(/nothing to change/);
    await csl("review", "--undo", "--out", at("new"));
    const base = await (await openDataset(at("new"))).split("train");
    expect(cells(base.truth)).toEqual(cells(before.truth));
    expect(await labels()).not.toBe(changed);
    await apply(answers);
    expect(await labels()).toBe(changed);
    const log = (await readFile(at("new/review-log.jsonl"), "utf8")).trim().split("\n");
    expect(log.map((line) => JSON.parse(line).type)).toEqual(["csl-review-log/1", "apply", "undo", "apply"]);
    expect(JSON.parse(log[1]!).after).toBe(JSON.parse(log[3]!).after);
    expect(JSON.parse(log[1]!).changes).toHaveLength(6);
    expect(await readFile(at("own/labels.csv"), "utf8")).toBe(own);
  });

  it("refuses answers about labels that have changed since, unless told to take what is still as it was shown", async () => {
    const answers = await answered();
    const [, first] = answers.split("\n");
    const [, , image] = first!.split(",");
    const own = await readFile(at("own/labels.csv"), "utf8");
    // Somebody leaves the first image un-annotated meanwhile.
    await writeFile(at("own/labels.csv"), own.replace(new RegExp(`^${image},.*$`, "m"), `${image},,`));
    const out = ["--out", at("later")];
    const path = file("old.csv", answers);
    await expect(apply(path, ...out)).rejects.toMatchObject({ code: "mismatch" });
    expect(await apply(path, ...out, "--allow-changes")).toMatch(
      /about entries that have changed since, which stay/,
    );
    await writeFile(at("own/labels.csv"), own);
  });

  it("leaves out answers about images that went away, and refuses a class that a label file cannot have", async () => {
    const answers = file("answers.csv", await answered());
    const [, first] = (await answered()).split("\n");
    const gone = first!.split(",")[2]!;
    await rename(at("images", gone), at("away.png"));
    expect(await apply(answers, "--out", at("some"))).toMatch(/, [12] about images that are not there/);
    await rename(at("away.png"), at("images", gone));
    await writeFile(at("own/classes.csv"), 'id,name\ncat,Cat\n"*",All\n');
    const old = file("star.csv", await answered());
    await expect(apply(old, "--out", at("star"))).rejects.toMatchObject({ code: "unsupported" });
    await writeFile(at("own/classes.csv"), `id,name\ncat,Cat\n"${hostile}","${hostile}"\n`);
  });

  it("writes over nothing that is no result of its own, and takes back only what it knows", async () => {
    const answers = file("answers.csv", await answered());
    file("mine/train.jsonl", '{"path":"a.jpg","positives":[]}\n');
    await expect(apply(answers, "--out", at("mine"))).rejects.toMatchObject({ code: "already-exists" });
    await expect(csl("review", "--undo", "--out", at("mine"))).rejects.toMatchObject({ code: "not-found" });
    await writeFile(at("new/train.jsonl"), (await labels()).replace('"cat"', '"Cat"'));
    await expect(csl("review", "--undo", "--out", at("new"))).rejects.toMatchObject({ code: "mismatch" });
  });
});
