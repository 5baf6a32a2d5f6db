// The modules of packages/internal are bundled into their users, but a library of CommonJS that they import cannot be:
// it loads Node's own modules by require. So each package that reaches such a module depends on the library itself.
//
//   node scripts/checks/bundled.mjs
import { dirname, join } from "node:path";
import { filesMatching, isTest } from "./repository.mjs";

// Libraries in plain ECMAScript modules: their code goes into the bundle.
const bundled = new Set(["@noble/hashes"]);

const sources = new Map(filesMatching(/^packages\/[^/]+\/src\/.*\.ts$/).filter(([path]) => !isTest(path)));
const problems = [];
let reached = 0;
for (const [path, text] of filesMatching(/^packages\/[^/]+\/package\.json$/)) {
  const manifest = JSON.parse(text);
  if (manifest.private) continue;
  const declared = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  };
  for (const [name, chain] of librariesBehindInternal(dirname(path))) {
    reached++;
    if (!(name in declared) && !bundled.has(name))
      problems.push(`${path}: expected a dependency on ${name}, which ${chain} imports`);
  }
}
for (const problem of problems) console.log(problem);
if (reached < 3) throw new Error(`bundled: expected libraries behind packages/internal, found ${reached}`);
console.log(`${reached} libraries reached through packages/internal, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The npm libraries that internal modules import which a package's own sources reach, each with one such module. */
function librariesBehindInternal(folder) {
  const libraries = new Map();
  const seen = new Set();
  const queue = [...sources.keys()].filter((path) => path.startsWith(`${folder}/src/`));
  while (queue.length > 0) {
    const path = queue.pop();
    if (seen.has(path)) continue;
    seen.add(path);
    for (const name of importsOf(sources.get(path))) {
      const target = name.startsWith("@csl/internal/")
        ? `packages/internal/src/${name.slice("@csl/internal/".length)}.ts`
        : name.startsWith(".") && join(dirname(path), name).replace(/\.js$/, ".ts");
      if (target && sources.has(target)) queue.push(target);
      else if (!target && path.startsWith("packages/internal/") && !name.startsWith("node:"))
        libraries.set(name.match(/^(@[^/]+\/)?[^/]+/)[0], path);
    }
  }
  return libraries;
}

/** What a source imports as it runs; a type leaves nothing behind. */
function* importsOf(text) {
  const forms = /^(?:import|export) (?!type )[^;]*?from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm;
  for (const [, named, bare, loaded] of text.matchAll(forms)) yield named ?? bare ?? loaded;
}
