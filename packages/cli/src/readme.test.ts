import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { flagReference } from "../test/flag-reference.js";

const path = new URL("../README.md", import.meta.url);
const begin =
  "<!-- flags: generated from the table of flags by UPDATE_README=1 npx vitest run packages/cli/src/readme.test.ts -->";
const end = "<!-- end of flags -->";

it("the README's reference lists the flags of every command as they are", () => {
  const readme = readFileSync(path, "utf8");
  const from = readme.indexOf(begin) + begin.length;
  const to = readme.indexOf(end);
  expect(from).toBeGreaterThan(begin.length);
  if (process.env.UPDATE_README)
    writeFileSync(path, `${readme.slice(0, from)}\n\n${flagReference()}\n\n${readme.slice(to)}`);
  else expect(readme.slice(from, to).trim()).toBe(flagReference());
});
