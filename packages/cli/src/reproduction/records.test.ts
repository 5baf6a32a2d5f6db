import { rename, rm, writeFile } from "node:fs/promises";
import { folderImages } from "@csl/image-batches";
import { ClassList, labelTableFromDense } from "@csl/labels";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { imageChanges, recordImages } from "./image-record.js";
import { labelChanges, recordLabels } from "./label-record.js";
import { recordWeights, weightChanges } from "./weights-record.js";

const classes = ClassList.from(["x", "y", "z"].map((id) => ({ id, name: `class ${id}` })));
const table = (labels: number[], defaultLabel: 0 | -1 = -1, names = ["1", "2", "3", "4"]) =>
  labelTableFromDense(classes, names.slice(0, labels.length / 3), Int8Array.from(labels), { defaultLabel });
const given = [1, 0, -1, -1, 1, 1, 0, 0, 0, -1, -1, 1];
const names = { split: "val", nameOf: (sample: number) => `image-${sample}` };

describe("labels", () => {
  const words = { 1: "positive", 0: "negative", [-1]: "un-annotated" };
  it.each([0, -1] as const)(
    "names any one entry with what it was; un-listed classes are %d",
    (defaultLabel) => {
      const before = recordLabels(table(given, defaultLabel));
      expect(labelChanges(before, table(given, defaultLabel), names)).toEqual([]);
      for (let entry = 0; entry < given.length; entry++)
        for (const label of [1, 0, -1] as const) {
          const was = given[entry] as 1 | 0 | -1;
          if (label === was) continue;
          const changed = given.map((own, i) => (i === entry ? label : own));
          const id = classes.ids[entry % 3];
          expect(labelChanges(before, table(changed, defaultLabel), names)).toEqual([
            `labels of "val": class class ${id} (${id}) of image-${Math.floor(entry / 3)} was ${words[was]} and is ${words[label]}`,
          ]);
        }
    },
  );

  it("names images of which several entries have changed, other numbers of images, and other classes", () => {
    const before = recordLabels(table(given));
    const two = [0, 1, ...given.slice(2)];
    expect(labelChanges(before, table(two), names)).toEqual([
      expect.stringMatching(/of image-0, several classes or one of class x \(x\), class y \(y\)/),
    ]);
    expect(labelChanges(before, table(given.slice(3)), names)).toEqual([
      'labels of "val": 3 images instead of 4',
    ]);
    const others = ClassList.from(["x", "z", "y"].map((id) => ({ id, name: id })));
    const reordered = labelTableFromDense(others, ["1", "2", "3", "4"], Int8Array.from(given), {
      defaultLabel: -1,
    });
    expect(labelChanges(before, reordered, names)).toEqual([expect.stringMatching(/other classes/)]);
  });
});

describe("images", () => {
  const { at } = temporaryFolder();
  const files = ["a.jpg", "b.jpg", "c.jpg"];
  const list = (of = files) => folderImages(at(""), of);
  beforeAll(async () => {
    for (const file of files) await writeFile(at(file), `content of ${file}`);
  });

  it("names an image of another content, a renamed one, and those that are gone or new", async () => {
    const before = await recordImages(list());
    expect(before.by).toBe("content");
    const changes = (of?: string[]) => imageChanges(before, list(of), { split: "val" });
    expect(await changes()).toEqual([]);
    await writeFile(at("b.jpg"), "CONTENT of b.jpg");
    expect(await changes()).toEqual(['images of "val": b.jpg has another size or content']);
    await writeFile(at("b.jpg"), "content of b.jpg");
    await rename(at("c.jpg"), at("d.jpg"));
    expect(await changes(["a.jpg", "b.jpg", "d.jpg"])).toEqual(['images of "val": d.jpg is where c.jpg was']);
    expect(await changes(["a.jpg", "b.jpg"])).toEqual([
      'images of "val": 2 instead of 3',
      'images of "val": c.jpg is no longer there',
    ]);
    await rm(at("a.jpg"));
    expect((await changes(["a.jpg", "b.jpg", "d.jpg"]))[0]).toBe(
      'images of "val": a.jpg has another size or content',
    );
  });
});

describe("weights", () => {
  const { at } = temporaryFolder();
  const state = () =>
    new Map([
      ["conv", { shape: [3, 1000], data: new Float32Array(3000).fill(0.5) }],
      ["bias", { shape: [2], data: Float32Array.of(1, 2) }],
    ]);

  it("names the tensor and the part of its numbers", async () => {
    await writeFile(at("w"), "file");
    const before = await recordWeights(at("w"), state());
    expect(weightChanges(before, state())).toEqual([]);
    const changed = state();
    changed.get("conv")!.data[1500] = 0.50001;
    expect(weightChanges(before, changed)).toEqual([
      "weights: conv [3, 1000] has other numbers, among numbers 1024 to 2047 of 3000",
    ]);
    changed.delete("bias");
    expect(weightChanges(before, changed)[1]).toBe("weights: bias is no longer there");
  });
});
