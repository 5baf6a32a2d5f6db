import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassList, labelTableFromDense } from "@csl/labels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomPerSample } from "./schemes.js";
import { simulate } from "./simulate.js";
import { loadSimulation, saveSimulation } from "./simulation-folder.js";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-simulation-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const classes = ClassList.from(["3", "1"].map((id) => ({ id, name: `class ${id}` })));
const truth = labelTableFromDense(classes, ["a", "b", "c"], [1, 0, 0, 1, 1, 1], { defaultLabel: 0 });
const scheme = randomPerSample({ dropRate: 0.5 });

test("what is saved is what is loaded, with how it came about", async () => {
  const folder = join(root, "good");
  const simulation = simulate(truth, scheme, { seed: 11 });
  await saveSimulation(folder, simulation);
  expect((await readdir(folder)).sort()).toEqual(["labels.csl", "simulation.json"]);
  const back = await loadSimulation(folder, { truth });
  expect(back.manifest).toEqual(simulation.manifest);
  expect(back.table.dense([0, 1, 2])).toEqual(simulation.table.dense([0, 1, 2]));
  expect(JSON.parse(await readFile(join(folder, "simulation.json"), "utf8"))).toMatchObject({
    scheme: "random-per-sample",
    params: { dropRate: 0.5 },
    seed: 11,
    samples: 3,
    classes: 2,
  });
});

test("another truth, class list or run is noticed", async () => {
  const folder = join(root, "mixed");
  await saveSimulation(folder, simulate(truth, scheme, { seed: 11 }));
  await expect(loadSimulation(folder, { truth: truth.select([0, 1]) })).rejects.toThrow(
    "drawn from another file or another image set",
  );
  const swapped = ClassList.from([...classes.toJSON()].reverse());
  const other = labelTableFromDense(swapped, truth.sampleIds, [1, 0, 0, 1, 1, 1], { defaultLabel: 0 });
  await expect(loadSimulation(folder, { truth: other })).rejects.toThrow(
    "loadSimulation: expected the class list of 2 classes",
  );
  const manifest = await readFile(join(folder, "simulation.json"), "utf8");
  await saveSimulation(folder, simulate(truth, scheme, { seed: 13 }));
  await writeFile(join(folder, "simulation.json"), manifest);
  await expect(loadSimulation(folder)).rejects.toThrow("The two files are of different runs");
});

test("missing, empty, foreign and cut files are refused", async () => {
  const folder = join(root, "bad");
  await expect(loadSimulation(folder)).rejects.toThrow(
    "simulation.json, got ENOENT. Save one with saveSimulation",
  );
  await saveSimulation(folder, simulate(truth, scheme, { seed: 11 }));
  const manifest = join(folder, "simulation.json");
  const whole = await readFile(manifest, "utf8");
  await writeFile(manifest, "");
  await expect(loadSimulation(folder)).rejects.toThrow("got an empty file");
  await writeFile(manifest, whole.slice(0, 40));
  await expect(loadSimulation(folder)).rejects.toThrow("expected JSON in");
  await writeFile(manifest, "null");
  await expect(loadSimulation(folder)).rejects.toThrow("got something else");
  await writeFile(manifest, JSON.stringify({ format: "csl-simulation", version: 1, seed: 1 }));
  await expect(loadSimulation(folder)).rejects.toThrow("got a part of them");
  await writeFile(manifest, whole);
  await truncate(join(folder, "labels.csl"), 100);
  await expect(loadSimulation(folder)).rejects.toThrow("the file is cut off");
});

test("an unwritable folder is refused", async () => {
  const file = join(root, "file");
  await writeFile(file, "");
  await expect(saveSimulation(join(file, "x"), simulate(truth, scheme, { seed: 1 }))).rejects.toThrow(
    "a part of its path is a file, not a folder",
  );
});
