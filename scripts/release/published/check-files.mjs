import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative, sep } from "node:path";

/** What no user needs: tests and their data, sources that are compiled, and what tools leave behind. */
const foreign = [
  [/\.(test|spec|test-d)\.|(^|\/)(tests?|__tests__|fixtures|coverage)\//, "a test"],
  [/(?<!\.d)\.[cm]?tsx?$|(^|\/)tsconfig.*\.json$|\.tsbuildinfo$/, "a source"],
  [/(^|\/)(\.|node_modules\/)|\.(log|tgz|orig|rej)$|~$/, "a file of a tool"],
];

/** The files below a folder by their paths, as bytes. */
export async function filesIn(folder) {
  const files = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path).split(sep).join("/"), await readFile(path));
  }
  return files;
}

/** @returns what is wrong with the files of a published package, given its package.json in the repository. */
export function checkFiles(files, source, { elsewhere }) {
  const problems = [];
  for (const name of ["README.md", "LICENSE", "CHANGELOG.md", "package.json"])
    if (!files.get(name)?.length) problems.push(`expected ${name}`);
  for (const one of source.files)
    if (![...files.keys()].some((path) => path === one || path.startsWith(`${one}/`)))
      problems.push(`expected ${one}, which "files" names`);
  for (const [path, bytes] of files) {
    const [top] = path.split("/");
    if (top !== "package.json" && !source.files.includes(top)) problems.push(`${path} is not in "files"`);
    const what = foreign.find(([pattern]) => pattern.test(path))?.[1];
    if (what) problems.push(`${path} looks like ${what}`);
    for (const place of [elsewhere, homedir()])
      if (place.length > 5 && bytes.includes(place))
        problems.push(`${path} holds the path ${place} of this machine`);
    const map =
      /\.(js|cjs|mjs)$/.test(path) && /\/\/# sourceMappingURL=(\S+)\s*$/.exec(bytes.toString())?.[1];
    if (map && !map.startsWith("data:") && !files.has(join(path, "..", map).split(sep).join("/")))
      problems.push(`${path} names the source map ${map}, which is missing`);
  }
  return problems;
}
