import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { ClassList, expectSameClasses } from "./class-list.js";

const list = ClassList.from([
  { id: "/m/01", name: "Cat" },
  { id: "/m/02", name: "Mouse" },
  { id: "/m/03", name: "Mouse" },
]);

test("keeps order, finds by id, lets names repeat", () => {
  expect(list.size).toBe(3);
  expect(list.names).toEqual(["Cat", "Mouse", "Mouse"]);
  expect(list.indexOf("/m/03")).toBe(2);
  expect(list.has("/m/09")).toBe(false);
});

test("the hash is SHA-256 over the ids alone", () => {
  expect(list.hash()).toBe(createHash("sha256").update('["/m/01","/m/02","/m/03"]').digest("hex"));
  const renamed = ClassList.from(list.ids.map((id) => ({ id, name: "x" })));
  expect(renamed.hash()).toBe(list.hash());
});

test("an unknown id is answered with what was probably meant", () => {
  expect(() => list.indexOf("/m/0l")).toThrow(
    'ClassList: unknown id "/m/0l" among 3 classes. Did you mean "/m/01"',
  );
  expect(() => list.indexOf("Mouse")).toThrow('display name of id "/m/02" and "/m/03"; use the id');
  expect(() => list.indexOf("Kat")).toThrow('Did you mean "/m/01" (Cat)?');
});

test("repeated and empty ids are refused", () => {
  expect(() => ClassList.from([...list.toJSON(), { id: "/m/01", name: "Dog" }])).toThrow(
    'got "/m/01" at positions 0 and 3',
  );
  expect(() => ClassList.from([{ id: 7 as unknown as string, name: "x" }])).toThrow(
    "Numeric ids: String(id)",
  );
});

test("JSON goes there and back; other JSON is refused", () => {
  expect(ClassList.fromJSON(JSON.parse(JSON.stringify(list))).equals(list)).toBe(true);
  expect(() => ClassList.fromJSON({ a: 1 })).toThrow(
    'ClassList: expected a list of { id, name }, got {"a":1}',
  );
  expect(() => ClassList.fromJSON(["cat"])).toThrow('at position 0, got "cat"');
});

test("expectSameClasses says how two lists differ", () => {
  expectSameClasses(list, ClassList.fromJSON(list.toJSON()), "load");
  const [a, b, c] = list.toJSON();
  expect(() => expectSameClasses(list, ClassList.from([a!, c!, b!]), "load")).toThrow(
    "load: expected the class list of 3 classes (", // then hashes
  );
  expect(() => expectSameClasses(list, ClassList.from([a!, c!, b!]), "load")).toThrow(
    'the order differs from position 1 on ("/m/02" against "/m/03")',
  );
  expect(() => expectSameClasses(list, ClassList.from([a!, { id: "q", name: "q" }]), "load")).toThrow(
    '2 missing ("/m/02", "/m/03"); 1 not expected ("q")',
  );
});
