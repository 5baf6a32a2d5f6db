// Every exported name of a published package is used by another package, an example, a benchmark, a tool or an
// integration, or is named in the package's README, in code. Anything else belongs inside the package.
//
//   node scripts/checks/surfaces.mjs
import { filesMatching, publicSurfaces } from "./repository.mjs";

const used = namesImported();
const { packages } = publicSurfaces();
let values = 0;
let types = 0;
let unused = 0;
for (const { name, folder, readme, exports } of packages) {
  const documented = new Set(codeOf(readme).match(/[\w$]+/g));
  for (const exported of exports) {
    if (exported.typeOnly) types++;
    else values++;
    if (used.get(name)?.has(exported.name) || documented.has(exported.name)) continue;
    unused++;
    const kind = exported.typeOnly ? "type" : "value";
    console.log(`${folder}: ${kind} ${exported.name} is not used elsewhere and not in ${folder}/README.md`);
  }
}
// A check that finds nothing to check would pass, too.
if (packages.length < 10 || values < 100)
  throw new Error(`surfaces: expected the packages' exports, found ${values} in ${packages.length} packages`);
console.log(
  `${values} values and ${types} types exported by ${packages.length} packages, ${unused} not used elsewhere`,
);
process.exitCode = unused === 0 ? 0 : 1;

/** For each package, the names that others import from it. */
function namesImported() {
  const names = new Map();
  for (const [path, text] of filesMatching(/\.(ts|mts|mjs|js|cjs)$/)) {
    const add = (name, imported) => {
      if (path.startsWith(`packages/${name.slice("@csl/".length)}/`)) return;
      names.set(name, (names.get(name) ?? new Set()).add(imported));
    };
    for (const [pattern, addAll] of importForms(text, add))
      for (const match of text.matchAll(pattern)) addAll(match);
  }
  return names;
}

/** The ways to import a name: each a pattern and what to do with its matches. */
function importForms(text, add) {
  const from = "[\"'`](@csl/[a-z0-9-]+)[^\"'`]*[\"'`]";
  const load = `(?:await\\s+import|require)\\s*\\(\\s*${from}`;
  const addMembers = ([, namespace, name]) => {
    for (const [, member] of text.matchAll(new RegExp(`\\b${namespace}\\.(\\w+)`, "g"))) add(name, member);
  };
  const addList = ([, list, name]) => {
    for (const item of list.split(","))
      add(
        name,
        item
          .trim()
          .replace(/^type\s+/, "")
          .split(/\s+as\s+|\s*:\s*/)[0],
      );
  };
  return [
    [new RegExp(`(?:import|export)\\s+(?:type\\s+)?\\{([^}]*)\\}\\s*from\\s*${from}`, "g"), addList],
    [new RegExp(`\\{([^{}]*)\\}\\s*=\\s*${load}`, "g"), addList],
    [new RegExp(`import\\(\\s*${from}\\s*\\)\\)?\\.(\\w+)`, "g"), ([, name, member]) => add(name, member)],
    [new RegExp(`import\\s+(?:type\\s+)?\\*\\s+as\\s+(\\w+)\\s+from\\s*${from}`, "g"), addMembers],
    [new RegExp(`(\\w+)\\s*=\\s*${load}`, "g"), addMembers],
  ];
}

/** The code in a text of Markdown: its fenced blocks and what stands between backticks. */
function codeOf(markdown) {
  return [...markdown.matchAll(/^```[^\n]*\n([\s\S]*?)^```|`([^`\n]+)`/gm)]
    .map(([, block, span]) => block ?? span)
    .join("\n");
}
