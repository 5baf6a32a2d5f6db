import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadCheckpoint, type StateTensor, saveCheckpoint } from "@csl/checkpoints";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../run-command.js";

const { at } = temporaryFolder();

/** wasm is on every machine, and starts at once. */
const wasm = ["--engine", "wasm", "--workers", 0];

async function csl(...args: (string | number)[]): Promise<string> {
  let printed = "";
  const out = { write: (text: string) => (printed += text) };
  await runCommand(args.map(String), { out, err: { write: () => {} } });
  return printed;
}

const seeds = { a: [0, 1], b: [0, 1, 2] };
const run = (setting: "a" | "b", seed: number): string => at(`${setting}-${seed}`);

/** A run as training with another seed or rate leaves it: other weights, and a configuration that says so. */
async function runLike(from: string, to: string, { seed, lr }: { seed: number; lr: number }): Promise<void> {
  await mkdir(to);
  const { state, ...rest } = await loadCheckpoint(join(from, "best.safetensors"));
  const random = mulberry32(1000 * lr + seed);
  const moved = [...state].map(([key, { shape, data }]): [string, StateTensor] => [
    key,
    { shape, data: key.startsWith("head") ? data.map((value) => value + random() - 0.5) : data },
  ]);
  await saveCheckpoint(join(to, "best.safetensors"), { ...rest, state: new Map(moved) });
  const config = JSON.parse(await readFile(join(from, "config.json"), "utf8"));
  await writeFile(join(to, "config.json"), JSON.stringify({ ...config, seed, lr, pathDest: to }));
}

beforeAll(async () => {
  await csl("scenes", at("scenes"), "--train", 8, "--val", 40, "--ood", 0, "--classes", 4, "--size", 32);
  const flags = ["--model-name", "tresnet_tiny", "--image-size", 32, "--epochs", 1, "--augment", "none"];
  await csl(
    ...["train", "--data", at("scenes"), ...flags, "--batch-size", 8, ...wasm],
    ...["--lr", 0.01, "--path-dest", run("b", 0)],
  );
  for (const seed of [1, 2]) await runLike(run("b", 0), run("b", seed), { seed, lr: 0.01 });
  for (const seed of [0, 1]) await runLike(run("b", 0), run("a", seed), { seed, lr: 0.5 });
}, 600_000);

it("two runs: two models; JSON and page say the same as the text; kept scores give the same numbers", async () => {
  const outputs = ["--json", at("c.json"), "--html", at("c.html"), "--keep-scores", ...wasm];
  const first = await csl("compare", run("a", 0), run("b", 0), ...outputs);
  expect(first).toMatch(/B against A \(over images\)/);
  expect(first).toMatch(/One run each: this compares these trained models\./);
  const report = JSON.parse(await readFile(at("c.json"), "utf8"));
  expect(report.format).toBe("csl-comparison/1");
  const [a, b] = report.settings;
  expect(first).toContain(`mAP(C) ${(100 * b.mapC.value).toFixed(2)}`);
  expect(report.comparisons[0].mapC.value).toBeCloseTo(b.mapC.value - a.mapC.value, 12);
  // The validation of the training is the same pass.
  const result = JSON.parse(await readFile(at("b-0", "result.json"), "utf8"));
  expect(b.mapC.value).toBeCloseTo(result.best.score, 12);
  expect(report.comparisons[0].perClass.map(({ id }: { id: string }) => id)).toEqual(["1", "3", "47", "84"]);
  expect(await readFile(at("c.html"), "utf8")).toMatch(
    /^<!doctype html>[\s\S]*<title>Comparison of A, B<\/title>/,
  );
  expect(await csl("compare", run("a", 0), run("b", 0))).toBe(first);
});

it("runs that differ in their seed alone are one setting, by themselves or by commas", async () => {
  const all = [...seeds.a.map((seed) => run("a", seed)), ...seeds.b.map((seed) => run("b", seed))];
  const text = await csl("compare", ...all, ...wasm, "--keep-scores");
  expect(text).toMatch(/B against A \(two settings, over seeds and images\)/);
  expect(text).toMatch(/\(3 runs\)/);
  expect(text).toMatch(/Two seeds tell little/);
  const commas = [seeds.a.map((seed) => run("a", seed)), seeds.b.map((seed) => run("b", seed))];
  expect(await csl("compare", ...commas.map((runs) => runs.join(",")))).toBe(text);
});

it("says when one seed is too few to speak of a setting", async () => {
  const text = await csl("compare", run("a", 0), `${run("b", 0)},${run("b", 1)}`);
  expect(text).toMatch(/B against A \(over images\)/);
  expect(text).toMatch(/A: one seed is too few to speak of a setting/);
});

it.each([
  ["one run", () => [run("a", 0)], /expected two runs or more, got/],
  ["the same weights twice", () => [run("a", 0), run("a", 0)], /got the same weights twice/],
  ["a folder without a run", () => [at("scenes"), run("a", 0)], /has no best\.safetensors: it is no run/],
  ["what is not there", () => [at("nowhere"), run("a", 0)], /does not exist/],
  [
    "seeds of one setting as settings",
    () => [run("a", 0), run("a", 1), "--by", "settings"],
    /Say what belongs together/,
  ],
  [
    "settings as models",
    () => [`${run("a", 0)},${run("a", 1)}`, run("b", 0), "--by", "models"],
    /expected single runs/,
  ],
])("refuses %s", async (_, words, message) => {
  await expect(csl("compare", ...words())).rejects.toThrow(message);
});

describe("csl verify", () => {
  const verify = (...flags: string[]) => csl("verify", run("b", 0), ...wasm, ...flags);
  /** Changes a file, looks at what verify says, and brings the file back. */
  async function withChange(
    path: string,
    change: (bytes: Buffer) => Buffer,
    flags: string[] = [],
  ): Promise<string> {
    const before = await readFile(path);
    await writeFile(path, change(Buffer.from(before)));
    try {
      let printed = "";
      const out = { write: (text: string) => (printed += text) };
      const words = ["verify", run("b", 0), ...wasm.map(String), ...flags];
      const error = await runCommand(words, { out, err: { write: () => {} } }).catch((thrown) => thrown);
      expect(error).toMatchObject({ name: "CslError", code: "different" });
      return printed;
    } finally {
      await writeFile(path, before);
    }
  }

  it("same: the same machine, engine and files; trained again weight for weight", async () => {
    const text = await verify("--retrain", "--json", at("verification.json"));
    expect(text).toMatch(
      /^same\nrecorded mAP\(C\) \S+, mAP\(O\) \S+; now .*: same\ntrained again: same, weight for weight/,
    );
    const found = JSON.parse(await readFile(at("verification.json"), "utf8"));
    expect(found).toMatchObject({ verdict: "same", differences: [], surroundings: [] });
  });

  it("within noise, or the same, on another engine", async () => {
    const text = await csl("verify", run("b", 0), "--engine", "cpu", "--workers", 0);
    expect(text).toMatch(/^(?:same|within noise)\n/);
    expect(text).toContain("engine: cpu instead of wasm");
  });

  it("different: one label, which is named with what it was", async () => {
    const path = at("scenes", "annotations", "instances_val.json");
    let expected = "";
    const text = await withChange(path, (bytes) => {
      const truth = JSON.parse(bytes.toString());
      const classesOf = (id: number) =>
        new Set(truth.annotations.filter((own: { image_id: number }) => own.image_id === id).map(categoryOf));
      const image = truth.images.find(({ id }: { id: number }) => classesOf(id).size > 1);
      const [category] = classesOf(image.id);
      const name = truth.categories.find(({ id }: { id: number }) => id === category).name;
      expected = `labels of "val": class ${name} (${category}) of ${image.file_name} was positive and is negative`;
      const isIt = (own: { image_id: number }) => own.image_id === image.id && categoryOf(own) === category;
      truth.annotations = truth.annotations.filter((own: { image_id: number }) => !isIt(own));
      return Buffer.from(JSON.stringify(truth));
    });
    expect(text).toMatch(/^different\n/);
    expect(text).toContain(expected);
  });

  it.each(["val", "train"])("different: one image of %s, of the same size, which is named", async (split) => {
    const [name] = (await readdir(at("scenes", split))).sort();
    const text = await withChange(at("scenes", split, name!), (bytes) => {
      bytes[bytes.length - 20]! ^= 1;
      return bytes;
    });
    expect(text).toContain(`images of "${split}": ${name} has another size or content`);
  });

  it("different: one weight, whose tensor is named", async () => {
    const path = join(run("b", 0), "best.safetensors");
    const text = await withChange(path, (bytes) => {
      bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 4) + 1e-3, bytes.length - 4);
      return bytes;
    });
    expect(text).toMatch(/weights: \S+ \[.*\] has other numbers, among numbers \d+ to \d+ of \d+/);
  });
});

const categoryOf = (annotation: object): number => (annotation as { category_id: number }).category_id;
