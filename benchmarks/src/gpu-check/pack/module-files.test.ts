import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { modulesOf, neededFiles } from "./module-files.js";

let root: string;

function file(path: string, text = ""): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function link(path: string, to: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(join(root, to), join(root, path));
}

const store = "node_modules/.pnpm";

/** A repository as pnpm lays it: packages/a needs left and, when it is developed, packages/b, which needs right and a font. */
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "modules-")));
  const manifest = (path: string, content: object): void =>
    file(join(path, "package.json"), JSON.stringify(content));
  manifest("packages/a", { dependencies: { left: "1" }, devDependencies: { "@csl/b": "workspace:*" } });
  manifest("packages/b", { name: "@csl/b", dependencies: { right: "1", "dejavu-fonts-ttf": "1" } });
  manifest(`${store}/left@1/node_modules/left`, { name: "left", dependencies: { right: "1" } });
  manifest(`${store}/right@1/node_modules/right`, { name: "right", optionalDependencies: { absent: "1" } });
  manifest(`${store}/font@1/node_modules/dejavu-fonts-ttf`, { name: "dejavu-fonts-ttf" });
  link("packages/a/node_modules/left", `${store}/left@1/node_modules/left`);
  link("packages/a/node_modules/@csl/b", "packages/b");
  link("packages/b/node_modules/right", `${store}/right@1/node_modules/right`);
  link("packages/b/node_modules/dejavu-fonts-ttf", `${store}/font@1/node_modules/dejavu-fonts-ttf`);
  link(`${store}/left@1/node_modules/right`, `${store}/right@1/node_modules/right`);
  // What every outside package finds, whether it names it or not.
  link(`${store}/node_modules/right`, `${store}/right@1/node_modules/right`);
  link(`${store}/node_modules/dejavu-fonts-ttf`, `${store}/font@1/node_modules/dejavu-fonts-ttf`);
});
afterAll(() => rmSync(root, { recursive: true }));

test("what packages need, and what that needs, once; with every link that leads to it", () => {
  const { folders, links } = modulesOf(root, ["packages/a"], []);
  expect(folders).toEqual([`${store}/left@1/node_modules/left`, `${store}/right@1/node_modules/right`]);
  expect(links.map(({ path }) => path).sort()).toEqual([
    `${store}/left@1/node_modules/right`,
    `${store}/node_modules/right`,
    "packages/a/node_modules/@csl/b",
    "packages/a/node_modules/left",
    "packages/b/node_modules/right",
  ]);
});

test("types and maps stay; of TensorFlow.js only what Node loads", () => {
  const files = (name: string, main: string): string[] => {
    const folder = `packages-of-${name.replaceAll("/", "-")}`;
    file(join(folder, "package.json"), JSON.stringify({ name, main }));
    const paths = ["dist/a.node.js", "dist/a.min.js", "dist/a.js.map", "dist/a.d.ts", "dist/a.wasm"];
    for (const path of [...paths, "wasm-out/a.js"]) file(join(folder, path));
    return neededFiles(join(root, folder)).sort();
  };
  expect(files("left", "dist/a.node.js")).toEqual([
    "dist/a.min.js",
    "dist/a.node.js",
    "dist/a.wasm",
    "package.json",
    "wasm-out/a.js",
  ]);
  expect(files("@tensorflow/a", "dist/a.node.js")).toEqual([
    "dist/a.node.js",
    "dist/a.wasm",
    "package.json",
    "wasm-out/a.js",
  ]);
});
