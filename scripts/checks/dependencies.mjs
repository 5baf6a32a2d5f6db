// What an installation brings, without asking a server: DEPENDENCIES.md gives every package that a published one depends on a
// reason, and lists what those bring themselves, with licence and install script. Fails where the page and the manifests or
// the installed packages differ.
//
//   node scripts/checks/dependencies.mjs            checks
//   node scripts/checks/dependencies.mjs --write    writes the second table again
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../run.mjs";
import { filesMatching } from "./repository.mjs";

const page = join(root, "DEPENDENCIES.md");
const text = readFileSync(page, "utf8");
const problems = [];
const isOwn = (name) => name.startsWith("@csl/");

// The private package is copied into the others by the build, and so is what it imports; its tests' tools are not.
const bundled = { "@noble/hashes": "@csl/internal" };
const users = new Map();
const add = (name, user) => users.set(name, [...(users.get(name) ?? []), user]);
const published = filesMatching(/^packages\/[^/]+\/package\.json$/)
  .map(([path, content]) => [dirname(join(root, path)), JSON.parse(content)])
  .filter(([, manifest]) => manifest.private !== true);
for (const [, { name, dependencies, optionalDependencies, peerDependencies }] of published)
  for (const other of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
    if (!isOwn(other)) add(other, name);
for (const [name, user] of Object.entries(bundled)) add(name, user);

const rows = tableOf("## Why each one");
for (const [name, by] of users) {
  const [, listed, reason = ""] = rows.find(([first]) => first === `\`${name}\``) ?? [];
  const wanted = by.map((user) => user.slice("@csl/".length)).sort();
  if (listed === undefined) problems.push(`${name} of ${by.join(", ")}: expected a row with its reason`);
  else if (listed !== wanted.join(", "))
    problems.push(`${name}: expected "used by" to be ${wanted.join(", ")}, got ${listed}`);
  else if (reason.length < 20) problems.push(`${name}: expected a reason`);
}
for (const [first] of rows)
  if (!users.has(first.slice(1, -1))) problems.push(`${first}: no published package depends on it`);

// What the direct ones bring. The binaries of sharp differ between systems: their names end in the system's.
const found = new Map();
for (const [folder, { dependencies }] of published)
  for (const name of Object.keys(dependencies ?? {}))
    if (!isOwn(name)) visit(name, join(folder, "node_modules"));
const isDirect = (name) => users.has(name);
const transitive = [...found].filter(([name]) => !isDirect(name)).sort(([a], [b]) => (a < b ? -1 : 1));
const lines = transitive.map(([name, { license, script }]) => `| \`${name}\` | ${license} | ${script} |`);
const scripts = [...found].filter(([, { script }]) => script !== "no").map(([name]) => name);

const begin = "<!-- written by scripts/checks/dependencies.mjs -->\n";
const end = "<!-- end -->";
const table = ["", "| package | licence | install script |", "| --- | --- | --- |", ...lines, "", ""].join(
  "\n",
);
const [before, rest = ""] = text.split(begin);
const written = `${before}${begin}${table}${end}${rest.split(end)[1] ?? ""}`;
const plain = (content) => content.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
if (process.argv.includes("--write")) writeFileSync(page, written);
else if (plain(written) !== plain(text))
  problems.push(
    "the list of what they bring is not the installed one: node scripts/checks/dependencies.mjs --write",
  );

for (const problem of problems) console.error(`DEPENDENCIES.md: ${problem}`);
console.log(
  `${users.size} direct dependencies, ${transitive.length} more, ${scripts.length} with an install script ` +
    `(${scripts.join(", ") || "none"}), ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The rows of the first table after a heading, as cells. */
function tableOf(heading) {
  const part = text.split(`${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return part
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** Walks as Node resolves: in the folder's node_modules, then beside the package itself. */
function visit(name, folder) {
  const place = join(folder, name);
  if (!existsSync(join(place, "package.json"))) return; // an optional one of another system
  const real = realpathSync(place);
  const manifest = JSON.parse(readFileSync(join(real, "package.json"), "utf8"));
  const key = name.startsWith("@img/sharp-") ? "@img/sharp-SYSTEM" : name;
  if (found.has(key)) return;
  const script = ["preinstall", "install", "postinstall"].filter((one) => manifest.scripts?.[one]);
  found.set(key, { license: licenceOf(manifest), script: script.join(", ") || "no" });
  const beside = real.slice(0, real.lastIndexOf(`${"node_modules"}/`) + "node_modules".length);
  for (const next of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    if (existsSync(join(real, "node_modules", next))) visit(next, join(real, "node_modules"));
    else visit(next, beside);
  }
}

function licenceOf({ license, licenses }) {
  return typeof license === "string"
    ? license
    : (license?.type ?? licenses?.map(({ type }) => type).join(" or ") ?? "?");
}
