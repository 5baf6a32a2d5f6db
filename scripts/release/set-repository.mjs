// Writes the repository's address into package.json, here and in every published package: npm shows it, and proves by it
// where a package was built.
//
//   pnpm release:repository https://github.com/OWNER/NAME
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { publishedPackages } from "../../integrations/registry/registry.mjs";
import { root } from "../run.mjs";

const [address] = process.argv.slice(2);
const match = /^https:\/\/github\.com\/[\w.-]+\/[\w.-]+?(?:\.git)?$/.exec(address ?? "");
if (!match) {
  console.error("set-repository: expected https://github.com/OWNER/NAME");
  process.exit(2);
}
const url = `git+${address.replace(/\.git$/, "")}.git`;
for (const folder of [root, ...publishedPackages(root).map((one) => one.folder)]) {
  const file = join(folder, "package.json");
  const { repository: _, ...manifest } = JSON.parse(readFileSync(file, "utf8"));
  const directory = relative(root, folder);
  const repository = { type: "git", url, ...(directory !== "" && { directory }) };
  const entries = Object.entries(manifest);
  entries.splice(entries.findIndex(([key]) => key === "license") + 1, 0, ["repository", repository]);
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
}
