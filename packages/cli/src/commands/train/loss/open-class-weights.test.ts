import { writeFile } from "node:fs/promises";
import { ClassList, labelTableFromDense } from "@csl/labels";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { createTerminal } from "../../../terminal/terminal.js";
import { openClassWeights } from "./open-class-weights.js";

const { at } = temporaryFolder();
const classes = ClassList.from(["person", "car", "cup"].map((name, i) => ({ id: `/m/${i}`, name })));
/** Four images: three persons, one car, no cup. */
const labels = labelTableFromDense(
  classes,
  ["a", "b", "c", "d"],
  Int8Array.of(1, 0, -1, 1, -1, 0, 1, 1, -1, 0, 0, 0),
);

async function open(given: string | undefined) {
  let told = "";
  const terminal = createTerminal({ write: () => {} }, { write: (text) => (told += text) });
  return { chosen: await openClassWeights(given, classes, labels, terminal), told };
}

it("balanced: scikit-learn's formula on the annotated positives, and what was done in words", async () => {
  const { chosen, told } = await open("balanced");
  // 4 positives, 2 classes that have any: 4 / (2 · 3) and 4 / (2 · 1); the cup weighs 1
  expect([...chosen!.weights]).toEqual([Math.fround(2 / 3), 2, 1]);
  expect(chosen!.choice.value).toBe("0.667 (person) to 2 (car)");
  expect(chosen!.choice.reason).toMatch(/^balanced: .*; 1 of 3 classes have no positive and weigh 1$/);
  expect(told).toBe(`class weights: ${chosen!.choice.value}; ${chosen!.choice.reason}\n`);
});

it.each([
  ["with a heading", "id,weight\n/m/2,0.5\n/m/0,3\n"],
  ["without one", "/m/0, 3\r\n\r\n/m/2, .5"],
  ["quoted", '"id","weight"\n"/m/0","3"\n"/m/2","5e-1"\n'],
  ["as JSON", ' {"/m/2": 0.5, "/m/0": 3}'],
])("a file %s; classes that it leaves out weigh 1", async (_, text) => {
  await writeFile(at("weights"), text);
  const { chosen } = await open(at("weights"));
  expect([...chosen!.weights]).toEqual([3, 1, 0.5]);
  expect(chosen!.choice.reason).toMatch(/weights; 1 of 3 classes are not in it and weigh 1$/);
});

it.each([
  [
    "/m/0,1\nperson,2\n",
    /--class-weights .*weights, line 2: unknown id "person" .* display name of id "\/m\/0"/,
  ],
  ["/m/0,1\n/m/0,2\n", /line 2: expected every class once, got "\/m\/0" again/],
  ["/m/0,-1\n", /line 1: expected a weight of at least 0 for "\/m\/0", got -1/],
  ["/m/0,heavy\n", /got "heavy"/],
  ["/m/0,\n", /got nothing/],
  ["/m/0,1e300\n", /got 1e\+300/],
  ['{"/m/0": "2"}', /weights, "\/m\/0": expected a weight of at least 0 for "\/m\/0", got "2"/],
  ['{"/m/0": 2', /--class-weights .*weights: .*JSON/],
  ["/m/0,1,2\n", /expected two fields in line 1, id and weight, got 3/],
  ["/m/0,0\n/m/1,0\n/m/2,0\n", /expected a weight above 0, got 0 for all classes/],
])("refuses %j", async (text, message) => {
  await writeFile(at("weights"), text);
  await expect(open(at("weights"))).rejects.toThrow(message);
  await expect(open(at("weights"))).rejects.toMatchObject({ code: "invalid-file" });
});
