import { expect, it } from "vitest";
import { printable, printableLines } from "./printable.js";

it.each([
  ["a colour", "\x1b[31mcat\x1b[0m", "\\u001b[31mcat\\u001b[0m"],
  ["a link", "\x1b]8;;http://x\x07cat", "\\u001b]8;;http://x\\u0007cat"],
  ["C1 controls", "\x9b31mcat\x9d0;title\x9c", "\\u009b31mcat\\u009d0;title\\u009c"],
  ["a return to the line's start", "cat\rdog", "cat\\u000ddog"],
  ["a step back", "cat\b\b\bdog\x7f", "cat\\u0008\\u0008\\u0008dog\\u007f"],
  ["another line", "cat\nmAP 99", "cat\\u000amAP 99"],
  ["right to left", "cat\u202egpj.exe\u2066", "cat\\u202egpj.exe\\u2066"],
  ["line separators", "a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  ["tags", "cat\u{e0041}", "cat\\udb40\\udc41"],
  ["names of people", "Käse 猫 👩‍🚒 می‌خواهم e\u0301", "Käse 猫 👩‍🚒 می‌خواهم e\u0301"],
])("%s", (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

it("keeps JSON what it is, and the lines of a table apart", () => {
  const value = { name: "\x9bcat\u202e\x1b" };
  expect(JSON.parse(printableLines(JSON.stringify(value, undefined, 1)))).toEqual(value);
  expect(printableLines("a\tb\nc\r\n")).toBe("a\tb\nc\\u000d\n");
});
