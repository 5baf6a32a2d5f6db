// A release from beginning to end, of this commit, in a temporary copy and to a registry on this machine: version, build,
// publish, install everywhere, look into what was published, and leave nothing behind.
//
//   pnpm release:rehearse [--skip-browser] [--keep]
import { execFileSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { publishedPackages, startRegistry } from "../../integrations/registry/registry.mjs";
import { install, pnpmCommand, root } from "../run.mjs";
import { checkVersions } from "./check-versions.mjs";
import { checkPublished } from "./published/check-published.mjs";
import { recordRehearsal } from "./rehearsal-record.mjs";
import { runIn, untilStopped } from "./run-in.mjs";
import { copyOfCommit, stateOf } from "./temporary-copy.mjs";

const { values: flags } = parseArgs({
  options: { "skip-browser": { type: "boolean", default: false }, keep: { type: "boolean", default: false } },
});

const started = Date.now();
const before = stateOf(root);
console.log(`rehearsing the release of ${before.commit}`);
if (before.changes !== "")
  console.log(`${before.changes.split("\n").length} changed files are not committed, and not in it`);

await install();
const cache = join(root, "node_modules/.cache/rehearsal");
const { signal, stoppedBy } = untilStopped();
const { folder, copy } = await copyOfCommit(before.commit);
let registry;
let problems = [];
try {
  const env = publishingEnvironment(folder);
  const inCopy = (...words) => runIn(copy, words, { signal, env });
  const pnpm = (...words) => inCopy(...pnpmCommand(), ...words);

  await step("install what the lock file says", () =>
    pnpm("install", "--frozen-lockfile", "--prefer-offline"),
  );
  await step("version", async () => {
    const versions = [publishedPackages(copy)[0].manifest.version];
    await inCopy("node", "node_modules/@changesets/cli/bin.js", "version");
    versions.push(await checkVersions(copy));
    console.log(
      versions[0] === versions[1] ? `${versions[0]}: no changesets are left` : versions.join(" → "),
    );
  });
  await step("what the versions changed fits the rest", async () => {
    await pnpm("install", "--frozen-lockfile", "--offline");
    await inCopy("node", "scripts/checks/manifests.mjs");
    await pnpm("exec", "biome", "check", "packages");
  });
  const turbo = (...words) =>
    pnpm("exec", "turbo", "run", ...words, "--filter=./packages/*", "--output-logs=errors-only");
  await step("build", () => turbo("build"));
  await step("publint and attw", () => turbo("check"));
  await step("publish to a registry on this machine", async () => {
    registry = await startRegistry(join(cache, "registry"));
    Object.assign(env, registry.env);
    // Not by the environment alone: a shell, which starts changeset, drops a variable with such a name.
    await writeFile(env.npm_config_userconfig, `//${new URL(registry.url).host}/:_authToken=anybody\n`);
    await pnpm("exec", "changeset", "publish");
  });
  await step("what the registry serves", async () => {
    problems = await checkPublished({ copy, registry, folder: join(folder, "tarballs") });
    for (const problem of problems) console.log(problem);
    if (problems.length > 0) throw new Error(`expected whole packages, found ${problems.length} problems`);
  });
  await step("install everywhere", () => {
    const browser = flags["skip-browser"] ? ["--skip-browser"] : [];
    const words = ["integrations/run.mjs", "--registry", registry.url, "--cache", cache, ...browser];
    return inCopy("node", ...words);
  });
} catch (error) {
  problems = [error];
} finally {
  await registry?.stop();
  if (flags.keep) console.log(`kept in ${folder}`);
  else await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

const after = stateOf(root);
const untouched = JSON.stringify(after) === JSON.stringify(before);
console.log(`\nthis working tree: ${untouched ? "as it was" : "CHANGED in the meantime"}`);
const seconds = `${((Date.now() - started) / 1000).toFixed(0)} s`;
if (stoppedBy() !== undefined) {
  console.log(`stopped by ${stoppedBy()} after ${seconds}; the temporary copy is removed`);
  process.exit(130);
}
if (problems.length > 0) {
  console.log(
    `${problems[0] instanceof Error ? problems[0].message : problems[0]}\nthe rehearsal failed after ${seconds}`,
  );
  process.exit(1);
}
if (!flags["skip-browser"]) await recordRehearsal(before.commit);
console.log(`the rehearsal passed in ${seconds}`);

async function step(name, act) {
  signal.throwIfAborted();
  const start = Date.now();
  console.log(`\n── ${name}`);
  await act();
  console.log(`(${name}: ${((Date.now() - start) / 1000).toFixed(0)} s)`);
}

/** No token of this person and no registry of theirs: what is published here cannot go anywhere else. */
function publishingEnvironment(home) {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_config_(.*registry|.*_authtoken|provenance|userconfig)$/i.test(name) &&
      name !== "NODE_AUTH_TOKEN",
  );
  const outside = execFileSync("npm", ["config", "get", "registry"], { cwd: root, encoding: "utf8" }).trim();
  return {
    ...Object.fromEntries(kept),
    npm_config_registry: outside,
    npm_config_userconfig: join(home, "npmrc"),
    npm_config_provenance: "false",
    TURBO_TELEMETRY_DISABLED: "1",
  };
}
