// The unit tests on another version of Node, which comes from npm: nothing of this machine's Node is changed.
//
//   pnpm test:node 22 [files…]
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { root, run } from "./run.mjs";

const [version, ...files] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(version ?? "")) {
  console.error("test-on-node: expected a version of Node: pnpm test:node 22");
  process.exit(2);
}
const folder = join(root, "node_modules/.cache/node", version);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "package.json"), '{ "private": true }');
// The package `node` would fetch one of these in an install script.
const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const npm = ["install", `${name}@${version}`, "--prefix", folder, "--no-audit", "--no-fund"];
if ((await run("npm", npm)).code !== 0) process.exit(1);
const bin = join(folder, "node_modules", name, "bin");
const env = { PATH: `${bin}${delimiter}${process.env.PATH}` };
await run(join(bin, "node"), ["--version"], { env });
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const { code } = await run(join(bin, "node"), [vitest, "run", ...files], { env });
process.exit(code);
