import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { publishedPackages } from "../../integrations/registry/registry.mjs";

/** The texts of changes that no version has taken up yet. */
export async function changesetsLeft(root) {
  const names = await readdir(join(root, ".changeset"));
  return names.filter((name) => name.endsWith(".md") && name !== "README.md");
}

/**
 * The version that all packages of a repository have.
 *
 * @throws where they differ, where changesets are left, or where a package's CHANGELOG.md does not begin with the version
 */
export async function checkVersions(root) {
  const left = await changesetsLeft(root);
  if (left.length > 0) throw new Error(`expected no changesets to be left, found ${left.join(", ")}`);
  const packages = publishedPackages(root);
  const versions = [...new Set(packages.map(({ manifest }) => manifest.version))];
  if (versions.length !== 1) throw new Error(`expected one version, found ${versions.join(", ")}`);
  const [version] = versions;
  for (const { name, folder } of packages) {
    const changelog = await readFile(join(folder, "CHANGELOG.md"), "utf8").catch(() => "");
    const newest = /^## (\S+)$/m.exec(changelog)?.[1];
    if (newest !== version)
      throw new Error(`${name}: expected CHANGELOG.md to begin with ${version}, found ${newest ?? "none"}`);
  }
  return version;
}
