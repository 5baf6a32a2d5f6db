import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "../run.mjs";

/** The repository's own files (tracked, or new and not ignored) whose paths match, as [path from the root, text]. */
export function filesMatching(pattern) {
  return execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter((path) => pattern.test(path) && existsSync(join(root, path)))
    .map((path) => [path, readFileSync(join(root, path), "utf8")]);
}

export const isTest = (path) => /\.(test|test-d)\.ts$|\/(test|fixtures)\//.test(path);

/**
 * The packages that are published, each with what its entry points export.
 *
 * @returns the type checker and, per package, its name, folder, README and `exports`: [{ name, symbol, typeOnly, entry }].
 */
export function publicSurfaces() {
  const packages = filesMatching(/^packages\/[^/]+\/package\.json$/)
    .map(([path, text]) => ({ folder: path.replace("/package.json", ""), manifest: JSON.parse(text) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder, manifest }) => ({
      name: manifest.name,
      folder,
      readme: readFileSync(join(root, folder, "README.md"), "utf8"),
      entries: Object.values(manifest.exports)
        .map((target) => target["@csl/source"])
        .filter(Boolean)
        .map((path) => join(root, folder, path)),
    }));
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(
    packages.flatMap(({ entries }) => entries),
    options,
  );
  const checker = program.getTypeChecker();
  for (const item of packages)
    item.exports = item.entries.flatMap((entry) => exportsOfModule(program, entry));
  return { checker, packages };
}

function exportsOfModule(program, entry) {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
  if (!module) throw new Error(`publicSurfaces: expected exports in ${entry}, found none`);
  return checker.getExportsOfModule(module).map((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    return { name: exported.name, symbol, entry, typeOnly: (symbol.flags & ts.SymbolFlags.Value) === 0 };
  });
}
