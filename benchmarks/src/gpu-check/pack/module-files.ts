import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";

interface Manifest {
  name?: string;
  main?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** A link below the repository, and where it leads. Both are relative to the repository. */
export interface ModuleLink {
  path: string;
  to: string;
}

export interface Modules {
  /** Folders of outside packages, relative to the repository. */
  folders: string[];
  links: ModuleLink[];
}

/** Needed by no part of the check: icons and fonts, types, other runtimes, other engines, compilers. */
const leftOut = [
  /^@iconify-json\//,
  /^@lobehub\//,
  /^@pmndrs\//,
  /^dejavu-fonts/,
  /^@types\//,
  /^bare-/,
  /^jasmine/,
  /^core-js$/,
  /^@csl\/assemblyscript$/,
  /^webgpu$/,
  /^@webgpu\//,
  /tfjs-node/,
  /tfjs-backend-webgpu/,
];

/**
 * The outside packages that some packages of the repository need when they run, as pnpm laid them: real folders, and the links that
 * lead to them.
 *
 * @param starts folders of the repository whose packages are needed
 * @param extra names that the repository's root needs
 */
export function modulesOf(repository: string, starts: readonly string[], extra: readonly string[]): Modules {
  const folders = new Set<string>();
  const links = new Map<string, string>();
  const visited = new Set<string>();
  const isOwn = (folder: string): boolean => !relative(repository, folder).startsWith("node_modules");

  function visit(folder: string, names: readonly string[]): void {
    for (const name of names) {
      if (leftOut.some((pattern) => pattern.test(name))) continue;
      const place = findModule(repository, name, folder);
      if (place === undefined) continue; // an optional one
      const real = realpathSync(place);
      if (real !== place) links.set(relative(repository, place), relative(repository, real));
      if (visited.has(real)) continue;
      visited.add(real);
      if (!isOwn(real)) folders.add(relative(repository, real));
      // Sources of ours need what the build would copy into a package, and TensorFlow.js, which is the person's there.
      const inside = isOwn(real) ? developed(real) : [];
      visit(real, [...needs(real), ...inside]);
    }
  }
  visit(repository, extra);
  for (const start of starts)
    visit(join(repository, start), [
      ...needs(join(repository, start)),
      ...developed(join(repository, start)),
    ]);
  // Packages that name not all that they need find the rest here. Of a package that is gone, pnpm may leave the link.
  for (const path of hoisted(repository)) {
    if (!existsSync(join(repository, path))) continue;
    const real = relative(repository, realpathSync(join(repository, path)));
    if (folders.has(real)) links.set(path, real);
  }
  return { folders: [...folders].sort(), links: [...links].map(([path, to]) => ({ path, to })) };
}

const hoistingFolder = "node_modules/.pnpm/node_modules";

/** The links by which pnpm lets every outside package find every other one. */
function hoisted(repository: string): string[] {
  const names = (folder: string): string[] =>
    existsSync(join(repository, folder)) ? readdirSync(join(repository, folder)) : [];
  return names(hoistingFolder).flatMap((name) =>
    name.startsWith("@")
      ? names(join(hoistingFolder, name)).map((inner) => join(hoistingFolder, name, inner))
      : [join(hoistingFolder, name)],
  );
}

function manifestOf(folder: string): Manifest & { devDependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function needs(folder: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = manifestOf(folder);
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
}

/** What tests and programs of a package need besides. (esbuild bundles core's suite, which the check does not run.) */
function developed(folder: string): string[] {
  return Object.keys(manifestOf(folder).devDependencies ?? {}).filter((name) => name !== "esbuild");
}

/** Where Node finds a package, seen from a folder. */
function findModule(repository: string, name: string, from: string): string | undefined {
  for (let folder = from; folder.startsWith(repository); folder = dirname(folder)) {
    const place = join(folder, "node_modules", name);
    if (existsSync(join(place, "package.json"))) return place;
  }
  return undefined;
}

/** Never needed when a package runs. */
const unneeded = /\.(map|d\.[cm]?ts|md|markdown)$/;

/** The files of an outside package that are needed when it runs on Node, relative to its folder. */
export function neededFiles(folder: string): string[] {
  const { name = "", main } = manifestOf(folder);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith("node_modules/") && !unneeded.test(path));
  // TensorFlow.js brings a dozen bundles of each package; Node loads one, and of wasm-out what starts its module.
  if (name.startsWith("@tensorflow/"))
    return files.filter(
      (path) =>
        path === "package.json" || path === main || path.endsWith(".wasm") || path.startsWith("wasm-out/"),
    );
  if (name === "esbuild") return files.filter((path) => !path.startsWith("bin/"));
  return files;
}
