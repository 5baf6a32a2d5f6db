import { expect, it } from "vitest";
import { braceList } from "./brace-list.js";

// Expected values: bash's `echo pattern`.
it.each([
  ["x-{000000..000002}.tar", ["x-000000.tar", "x-000001.tar", "x-000002.tar"]],
  ["x-{8..11}", ["x-8", "x-9", "x-10", "x-11"]],
  ["{08..10}", ["08", "09", "10"]],
  ["{2..0}", ["2", "1", "0"]],
  ["{train,val}-{0..1}.tar", ["train-0.tar", "train-1.tar", "val-0.tar", "val-1.tar"]],
  ["a{,.bak}", ["a", "a.bak"]],
  ["plain.tar", ["plain.tar"]],
])("expands %s as a shell does", (pattern, names) => {
  expect(braceList(pattern)).toEqual(names);
});

it.each(["x-{0..1.tar", "x-{{a,b},c}", "x-{}", "x-{0..9999999}"])("refuses %s", (pattern) => {
  expect(() => braceList(pattern)).toThrow(/^openShards: expected/);
});
