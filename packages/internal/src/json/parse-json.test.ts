import { describe, expect, it } from "vitest";
import { parseJson } from "./parse-json.js";

describe("parseJson", () => {
  it.each([
    ['{"a": NaN, "b": [Infinity, -Infinity, 1]}', { a: null, b: [null, null, 1] }],
    ["NaN", null],
    ['{"NaN": "NaN, -Infinity \\" NaN", "b":NaN}', { NaN: 'NaN, -Infinity " NaN', b: null }],
    ['{"a": 1.5, "b": "NaN"}', { a: 1.5, b: "NaN" }],
  ])("reads %s", (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it.each(['{"a": NaNa}', '{"a" NaN}', "{'a': NaN}", '{"a": "NaN', ""])("refuses %j", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});
