import { writeFile } from "node:fs/promises";
import { ClassList } from "@csl/labels";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { classEmbeddingsHash, readClassEmbeddings } from "./class-embeddings.js";

const { at } = temporaryFolder();
const read = async (text: string, wanted?: ClassList) => {
  await writeFile(at("words.csv"), text);
  return readClassEmbeddings(at("words.csv"), "csl infer", wanted);
};
const wanted = ClassList.from(["dog", "cat"].map((id) => ({ id, name: `a ${id}` })));

it.each([
  ["rows alone", "cat,1,2\ndog,3,-4e-1\nowl,5,6\n"],
  ["a heading", "id,x,y\r\ncat,1,2\r\ndog,3,-0.4\r\nowl,5,6"],
  ["names", 'ID,name,x,y\ncat,Cat,1,2\ndog,"Dog, big",3,-.4\nowl,Owl,5,6\n'],
])("reads %s: all classes of the file, or those that are asked for in their order", async (_, text) => {
  const all = await read(text);
  expect([all.classes.ids, all.width]).toEqual([["cat", "dog", "owl"], 2]);
  expect(all.values).toEqual(Float32Array.of(1, 2, 3, -0.4, 5, 6));
  expect(all.classes.names[1]).toBe(text.includes("big") ? "Dog, big" : "dog");
  const some = await read(text, wanted);
  expect([some.classes.names, some.values]).toEqual([["a dog", "a cat"], Float32Array.of(3, -0.4, 1, 2)]);
  expect(classEmbeddingsHash(some)).not.toBe(classEmbeddingsHash(all));
});

it.each([
  ["", /expected a line per class \(id,number,number,…\), got none/],
  ["cat\n", /line 1: expected an id and numbers .*got fewer cells/],
  ["cat,1,x\n", /line 1: .*got no finite number as number 2/],
  ["cat,1,\n", /line 1: .*got no finite number as number 2/],
  ["cat,Cat,1\n", /line 1: .*got no finite number as number 1/],
  ["cat,1,2\ndog,3\n", /line 2: expected 2 numbers, as the lines before, got 1/],
  ["cat,1\ncat,2\n", /line 2: expected every class once, got "cat" again/],
  ["cat,1,2\n,3,4\n", /line 2: expected an id and numbers/],
])("refuses %j, naming file and line", async (text, message) => {
  await expect(read(text)).rejects.toThrow(message);
  await expect(read(text)).rejects.toThrow(/csl infer: --class-embeddings .*words\.csv/);
});

it("names the classes without an embedding", async () => {
  await expect(read("cat,1\nowl,2\n", wanted)).rejects.toThrow(
    /expected an embedding for each of the 2 classes, got none for 1 \(dog\)/,
  );
});
