import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Lock files by the package manager that writes them, and the word with which it adds a package. */
const managers = [
  { lock: "pnpm-lock.yaml", add: "pnpm add" },
  { lock: "yarn.lock", add: "yarn add" },
  { lock: "bun.lock", add: "bun add" },
  { lock: "bun.lockb", add: "bun add" },
];

/**
 * The command that puts a package where the running program finds it: told by the path at which the program is
 * installed, since nothing else says which package manager did it.
 *
 * @param name with a version where one is needed: `@tensorflow/tfjs-node@4.22.0`.
 * @param from `import.meta.url` of the caller.
 * @param options.ignoreScripts the package's install script is not wanted. pnpm and bun run none unless they are told to.
 */
export function installCommand(
  name: string,
  from: string,
  { ignoreScripts = false }: { ignoreScripts?: boolean } = {},
): string {
  const path = (from.startsWith("file:") ? fileURLToPath(from) : from).replaceAll("\\", "/");
  const npm = `npm i ${ignoreScripts ? "--ignore-scripts " : ""}`;
  if (path.includes("/_npx/")) return `npx -p @csl/cli -p ${name} csl …`;
  if (/\/pnpm\/dlx[-/]/.test(path)) return `pnpm --package=@csl/cli --package=${name} dlx csl …`;
  if (path.includes("/pnpm/global/")) return `pnpm add -g ${name}`;
  if (path.includes("/yarn/global/")) return `yarn global add ${name}`;
  if (path.includes("/.bun/install/global/")) return `bun add -g ${name}`;
  const modules = path.indexOf("/node_modules/");
  if (modules < 0 && isInClone(path))
    return `${npm}--prefix ~/csl-engines ${name}, and set CSL_ENGINE_MODULES=~/csl-engines`;
  if (modules < 0) return `${npm}${name}`;
  const project = path.slice(0, modules);
  if (/\/lib$|\/npm$/.test(project) && !existsSync(join(project, "package.json")))
    return `${npm.replace("npm i ", "npm i -g ")}${name}`;
  for (let at = project; ; at = dirname(at)) {
    const manager = managers.find(({ lock }) => existsSync(join(at, lock)));
    if (manager) return `${manager.add} ${name}`;
    if (existsSync(join(at, "package-lock.json")) || dirname(at) === at) return `${npm}${name}`;
  }
}

/** A clone's own workspace leaves optional engines out, so that they go elsewhere. */
function isInClone(path: string): boolean {
  for (let at = dirname(path); dirname(at) !== at; at = dirname(at))
    if (existsSync(join(at, "pnpm-workspace.yaml"))) return true;
  return false;
}
