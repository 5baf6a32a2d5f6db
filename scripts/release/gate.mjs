import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { publishedPackages } from "../../integrations/registry/registry.mjs";
import { changesetsLeft, checkVersions } from "./check-versions.mjs";

/**
 * Why this commit must not be published, a line each with the way out; empty where nothing speaks against it.
 *
 * @param options.rehearsed the commit whose rehearsal passed; `options.env`: where npm's settings are
 */
export async function reasonsAgainst(root, { rehearsed, env = process.env }) {
  const git = (...words) => execFileSync("git", words, { cwd: root, encoding: "utf8" }).trimEnd();
  const reasons = [];
  const changes = git("status", "--porcelain");
  if (changes !== "") reasons.push(`expected a clean working tree, found\n${changes}\nCommit or stash it.`);
  const branch = git("branch", "--show-current");
  if (branch !== "main") reasons.push(`expected the branch main, found ${branch || "none"}: git switch main`);
  const head = git("rev-parse", "HEAD");
  const published = git("for-each-ref", "--format=%(objectname)", "refs/remotes/origin/main");
  if (published !== "" && published !== head)
    reasons.push("expected the commit that origin/main is at: git pull, git push");
  const left = await changesetsLeft(root);
  if (left.length > 0)
    reasons.push(`${left.length} changesets are not taken up: pnpm changeset version, then commit`);
  else reasons.push(...(await problemsOfVersions(root)));
  if (rehearsed !== head) reasons.push("this commit was not rehearsed: pnpm release:rehearse");
  if (env.NPM_CONFIG_PROVENANCE === "true" || env.npm_config_provenance === "true")
    reasons.push(...provenance(root));
  return reasons;
}

async function problemsOfVersions(root) {
  try {
    const version = await checkVersions(root);
    return version === "0.0.0" ? ["expected a version, found 0.0.0: pnpm changeset version"] : [];
  } catch (error) {
    return [error.message];
  }
}

/** npm compares the repository that builds with the one that package.json names, and refuses a package without. */
function provenance(root) {
  const { repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const url = repository?.url;
  const others = publishedPackages(root).filter(({ manifest }) => manifest.repository?.url !== url);
  if (url && others.length === 0) return [];
  return ["provenance needs the repository's address in every package.json: pnpm release:repository URL"];
}
