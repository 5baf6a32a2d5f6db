// All packages are released together: after a change of one alone they still share a version, and who installs several
// has one copy of each.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { root } from "../scripts/run.mjs";
import { publishedPackages, publishPackages, startRegistry } from "./registry/registry.mjs";

const run = promisify(execFile);

/** Releases a minor change of @csl/labels twice from a copy of the repository; returns what went wrong, or a note. */
export async function tryRelease(folder, cache) {
  const copy = join(folder, "repository");
  await copyRepository(copy);
  const changeset = join(root, "node_modules/@changesets/cli/bin.js");
  const registry = await startRegistry(join(cache, "registry-of-releases"));
  try {
    const versions = [publishedPackages(copy)[0].manifest.version];
    for (const change of ["the present changesets", "labels alone"]) {
      if (change === "labels alone")
        await writeFile(
          join(copy, ".changeset/labels-alone.md"),
          '---\n"@csl/labels": minor\n---\n\nA new name.\n',
        );
      await run(process.execPath, [changeset, "version"], { cwd: copy });
      const packages = publishedPackages(copy);
      const found = new Set(packages.map(({ manifest }) => manifest.version));
      if (found.size !== 1) return `${change}: expected one version, got ${[...found].join(", ")}`;
      versions.push(...found);
      const [before, after] = versions.slice(-2).map((version) => version.split(".").map(Number));
      if (after && (after[0] !== before[0] || after[1] !== before[1] + 1))
        return `${change}: expected the next minor version, got ${versions.join(", then ")}`;
      await publishPackages(copy, registry, usersOfLabels());
    }
    return await oneCopyOfLabels(join(folder, "project"), registry, versions.slice(1));
  } finally {
    await registry.stop();
  }
}

/** A project that depends on labels and on what depends on labels goes from the first release to the second. */
async function oneCopyOfLabels(project, registry, versions) {
  const names = usersOfLabels();
  await mkdir(project);
  await writeFile(join(project, "package.json"), '{ "private": true }');
  const env = { ...process.env, ...registry.env };
  const npm = (...words) =>
    run("npm", [...words, "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: project,
      env,
      maxBuffer: 1 << 28,
    });
  for (const version of versions) {
    await npm("install", "--package-lock-only", ...names.map((name) => `${name}@${version}`));
    const { packages } = JSON.parse(await readFile(join(project, "package-lock.json"), "utf8"));
    const copies = Object.entries(packages).filter(([path]) => path.endsWith("node_modules/@csl/labels"));
    if (copies.length !== 1 || copies[0][1].version !== version)
      return `expected one @csl/labels ${version}, got ${copies.map(([path, { version }]) => `${path} ${version}`).join(", ")}`;
  }
  return `note ${versions.join(", then ")} with ${names.length} packages and one copy of labels`;
}

/** Labels and the packages that depend on it and on no other of ours. */
function usersOfLabels() {
  const users = publishedPackages(root).filter(({ manifest }) => {
    const ours = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith("@csl/"));
    return ours.length === 1 && ours[0] === "@csl/labels";
  });
  if (users.length < 2) throw new Error(`tryRelease: expected users of @csl/labels, found ${users.length}`);
  return ["@csl/labels", ...users.map(({ name }) => name)];
}

/** The files that git knows or would add, and the built dist folders. */
async function copyRepository(copy) {
  const { stdout } = await run("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: root,
    maxBuffer: 1 << 28,
  });
  for (const path of stdout
    .split("\n")
    .filter((one) => one !== "" && existsSync(join(root, one)) && !/(^|\/)fixtures\//.test(one))) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await cp(join(root, path), join(copy, path));
  }
  for (const name of usersOfLabels())
    await cp(join(root, folderOf(name), "dist"), join(copy, folderOf(name), "dist"), { recursive: true });
  for (const name of usersOfLabels()) {
    // Nothing is installed in the copy: pnpm looks for versions in node_modules, also of what is not published.
    const file = join(copy, folderOf(name), "package.json");
    const { devDependencies, ...manifest } = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify(manifest, null, 2));
    if (name === "@csl/labels") continue;
    const modules = join(copy, folderOf(name), "node_modules/@csl");
    await mkdir(modules, { recursive: true });
    await symlink(join(copy, folderOf("@csl/labels")), join(modules, "labels"));
  }
  await run("git", ["init", "--quiet"], { cwd: copy });
}

function folderOf(name) {
  return relative(root, publishedPackages(root).find((one) => one.name === name).folder);
}
