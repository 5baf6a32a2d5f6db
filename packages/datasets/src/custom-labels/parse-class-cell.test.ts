import { expect, test } from "vitest";
import { parseClassCell, parseClassItems } from "./parse-class-cell.js";

const both = ["cat", "dog"];

test.each([
  ["", []],
  ["cat", ["cat"]],
  ["cat;dog", both],
  [" cat | dog ;", both],
  ["['cat', 'dog']", both],
  ['["cat", "dog"]', both],
  ["['cat','dog',]", both],
  ["('cat', 'dog')", both],
  ["{'cat', 'dog'}", both],
  ["['cat' 'dog']", both],
  ["['cat'\n 'dog']", both],
  ["[u'cat', b'dog']", both],
  ["[cat, dog]", both],
  ["[hot dog, cat]", ["hot dog", "cat"]],
  ["'cat','dog'", both],
  ['"cat";"dog"', both],
  ["'cat'", ["cat"]],
  ["['it\\'s', \"a \\\"b\\\"\", 'caf\\u00e9', 'caf\\xe9']", ["it's", 'a "b"', "caf\u00e9", "caf\u00e9"]],
  ["['a, b', 'c;d']", ["a, b", "c;d"]],
  ["[1, 2]", ["1", "2"]],
  ["[1 2  3]", ["1", "2", "3"]],
  ["[5]", ["5"]],
  ["['/m/01', '/m/02']", ["/m/01", "/m/02"]],
  ["[]", []],
  ["[ ]", []],
  ["()", []],
  ["{}", []],
  ["set()", []],
  ["['']", []],
  ["bow (tie)", ["bow (tie)"]],
  ["it's", ["it's"]],
  ["['*']", ["*"]],
])("%s lists %j", (cell, ids) => expect(parseClassCell(cell, undefined)).toEqual({ ids }));

test.each([
  ["nan", []],
  ["NaN", []],
  ["None", []],
  ["NULL", []],
  ["<NA>", []],
  ["#N/A", []],
  ["n/a", []],
  ["[nan]", []],
  ["[None, 'cat']", ["cat"]],
  ["cat;nan", ["cat"]],
])("%s: no value, and told", (cell, ids) =>
  expect(parseClassCell(cell, undefined)).toEqual({ ids, noValue: expect.any(String) }),
);

test.each([
  "cat,dog",
  "cat, dog;cow",
  "['cat', 'dog'",
  "['cat'];['dog']",
  "['cat'] + ['dog']",
  "[['cat'], ['dog']]",
  "{'cat': 1, 'dog': 0}",
  "[cat dog]",
  "[cat]",
  "(other)",
  "[1.0, 2.0]",
  "array(['cat'], dtype=object)",
  "['cat',,'dog']",
  "['cat' dog]",
  "'cat' and 'dog'",
  "frozenset({'cat'})",
])("%s is not clear", (cell) => expect(parseClassCell(cell, undefined)).toEqual(expect.any(String)));

test("known classes decide", () => {
  const isClass = (id: string) =>
    ["cat", "dog", "cat,dog", "tench, Tinca", "nan", "[unk]", "a;b"].includes(id);
  expect(parseClassCell("cat,dog", isClass)).toEqual({ ids: ["cat,dog"] });
  expect(parseClassCell("dog,cat", isClass)).toEqual({ ids: ["dog", "cat"] });
  expect(parseClassCell("tench, Tinca;dog", isClass)).toEqual({ ids: ["tench, Tinca", "dog"] });
  expect(parseClassCell("nan", isClass)).toEqual({ ids: ["nan"] });
  expect(parseClassCell("[unk]", isClass)).toEqual({ ids: ["[unk]"] });
  expect(parseClassCell("a;b", isClass)).toEqual({ ids: ["a;b"] });
  expect(parseClassCell("cat,cow", isClass)).toMatch("cat,cow may be one class or 2");
});

test("items of a JSON list are classes as they are", () => {
  expect(parseClassItems(["cat,dog", " a;b ", 5, ""], undefined)).toEqual({ ids: ["cat,dog", "a;b", "5"] });
  expect(parseClassItems(["cat", null, "nan"], undefined)).toEqual({ ids: ["cat"], noValue: "nan" });
  expect(parseClassItems(["['cat', 'dog']"], undefined)).toMatch("is a list within the list");
});
