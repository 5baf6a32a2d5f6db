import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { publishedPackages } from "../../../integrations/registry/registry.mjs";
import { checkFiles, filesIn } from "./check-files.mjs";
import { checkManifest } from "./check-manifest.mjs";

/**
 * Fetches every package from the registry as npm does, and looks into its tarball.
 *
 * @returns what is wrong, a line each; the sizes are printed.
 */
export async function checkPublished({ copy, registry, folder }) {
  const problems = [];
  const packages = publishedPackages(copy);
  for (const { name, manifest: source } of packages) {
    const say = (what) => problems.push(`${name}: ${what}`);
    const served = await (await fetch(new URL(name.replace("/", "%2f"), registry.url))).json();
    const latest = served["dist-tags"]?.latest;
    if (latest !== source.version) {
      say(`expected the registry's latest version to be ${source.version}, got ${latest}`);
      continue;
    }
    const place = join(folder, name.replace("@csl/", ""));
    await mkdir(place, { recursive: true });
    const tarball = new Uint8Array(await (await fetch(served.versions[latest].dist.tarball)).arrayBuffer());
    await writeFile(join(place, "package.tgz"), tarball);
    execFileSync("tar", ["-xzf", "package.tgz"], { cwd: place });
    const files = await filesIn(join(place, "package"));
    for (const problem of checkFiles(files, source, { elsewhere: copy })) say(problem);
    const manifest = JSON.parse(files.get("package.json")?.toString() ?? "{}");
    for (const problem of checkManifest(manifest, new Set(files.keys()), { version: latest })) say(problem);
    const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
    const size = `${(tarball.length / 1024).toFixed(0)} KiB packed, ${(bytes / 1024).toFixed(0)} KiB`;
    console.log(`${name}@${latest}: ${files.size} files, ${size}`);
  }
  return problems;
}
