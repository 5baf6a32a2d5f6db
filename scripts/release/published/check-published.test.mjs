import { describe, expect, it } from "vitest";
import { checkFiles } from "./check-files.mjs";
import { checkManifest } from "./check-manifest.mjs";

const source = { files: ["dist", "README.md", "CHANGELOG.md", "LICENSE"] };
const whole = {
  "package.json": "{}",
  "README.md": "# a",
  LICENSE: "MIT",
  "CHANGELOG.md": "## 1.2.3",
  "dist/index.js": "export {};\n//# sourceMappingURL=index.js.map\n",
  "dist/index.js.map": "{}",
  "dist/index.d.ts": "export {};",
};

describe("the files of a published package", () => {
  it.each([
    ["a whole package", {}, []],
    ["no licence", { LICENSE: undefined }, ["expected LICENSE", 'expected LICENSE, which "files" names']],
    ["an empty README", { "README.md": "" }, ["expected README.md"]],
    ["a file of another folder", { "src/index.js": "" }, ['src/index.js is not in "files"']],
    ["a test", { "dist/index.test.js": "" }, ["dist/index.test.js looks like a test"]],
    ["a source", { "dist/index.ts": "" }, ["dist/index.ts looks like a source"]],
    ["a file of a tool", { "dist/.turbo/log": "" }, ["dist/.turbo/log looks like a file of a tool"]],
    [
      "a path of the machine",
      { "dist/a.js": "// /tmp/copy/a" },
      ["dist/a.js holds the path /tmp/copy of this machine"],
    ],
    [
      "no map",
      { "dist/index.js.map": undefined },
      ["dist/index.js names the source map index.js.map, which is missing"],
    ],
  ])("%s", (_, changes, problems) => {
    const texts = Object.entries({ ...whole, ...changes }).filter(([, text]) => text !== undefined);
    const files = new Map(texts.map(([path, text]) => [path, Buffer.from(text)]));
    expect(checkFiles(files, source, { elsewhere: "/tmp/copy" })).toEqual(problems);
  });
});

describe("the package.json of a published package", () => {
  const manifest = {
    version: "1.2.3",
    license: "MIT",
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
    dependencies: { "@csl/labels": "^1.2.3", sharp: "^0.35.0" },
  };
  it.each([
    ["a whole one", {}, []],
    ["another version", { version: "1.2.2" }, ["expected version 1.2.3, got 1.2.2"]],
    [
      "a range of the workspace",
      { dependencies: { sharp: "catalog:" } },
      ['dependencies: sharp is "catalog:"'],
    ],
    [
      "a private package",
      { dependencies: { "@csl/internal": "^1.2.3" } },
      ["dependencies: @csl/internal is not published"],
    ],
    [
      "an earlier version of ours",
      { dependencies: { "@csl/labels": "^1.2.2" } },
      ['expected ^1.2.3 of @csl/labels, got "^1.2.2"'],
    ],
    ["an install script", { scripts: { postinstall: "node x" } }, ["has the script postinstall"]],
    ["no exports", { exports: undefined }, ["expected exports"]],
    ["a missing file", { exports: "./dist/b.js" }, ["exports names ./dist/b.js, which is missing"]],
    ["a missing program", { bin: { csl: "./bin/csl.js" } }, ["bin csl names ./bin/csl.js, which is missing"]],
    [
      "the condition of this repository",
      { exports: { ".": { "@csl/source": "./dist/index.js" } } },
      ["exports . @csl/source is for this repository only"],
    ],
  ])("%s", (_, changes, problems) => {
    expect(
      checkManifest({ ...manifest, ...changes }, new Set(Object.keys(whole)), { version: "1.2.3" }),
    ).toEqual(problems);
  });
});
