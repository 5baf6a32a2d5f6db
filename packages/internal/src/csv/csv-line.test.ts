import { expect, it } from "vitest";
import { cellText, csvLine } from "./csv-line.js";

it.each([
  ["=1+1", "'=1+1"],
  ['=HYPERLINK("http://x","cat")', `"'=HYPERLINK(""http://x"",""cat"")"`],
  ["+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"],
  ["-2+3", "'-2+3"],
  ["@SUM(1)", "'@SUM(1)"],
  ["\t=1", "'\t=1"],
  [" =1", "' =1"],
  ["\r=1", `"'\r=1"`],
  ["＝1", "'＝1"],
  ["'=1", "''=1"],
  ["-0.25", "-0.25"],
  ["+1e-3", "+1e-3"],
  ["/m/01g317", "/m/01g317"],
  ["cat = dog", "cat = dog"],
  ["'tis", "'tis"],
  ["a,b", '"a,b"'],
  ['a "b"', '"a ""b"""'],
])("%j", (text, cell) => {
  expect(csvLine([text, 1])).toBe(`${cell},1\n`);
  const written = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
  expect(cellText(written)).toBe(text);
});
