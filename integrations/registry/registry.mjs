// A registry of npm packages on 127.0.0.1 that knows the packages of this repository, as they would be published, and
// passes every other request on to the registry that this machine's npm is configured with.
import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { pnpmCommand } from "../../scripts/run.mjs";

const run = promisify(execFile);
const here = import.meta.dirname;

/** The packages of the repository `root` that are published, as { name, folder, manifest }, in the order of their names. */
export function publishedPackages(root) {
  return readdirSync(join(root, "packages"))
    .map((entry) => join(root, "packages", entry))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder, manifest }) => ({ name: manifest.name, folder, manifest }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Starts the registry.
 *
 * @param storage a folder for what it keeps. Packages from outside stay there for the next run; those of this
 * repository are removed first.
 * @returns its `url`, the `env` under which npm, pnpm and Yarn use it, and `stop()`.
 */
export async function startRegistry(storage) {
  await installTools();
  await rm(join(storage, "packages/@csl"), { recursive: true, force: true });
  await mkdir(storage, { recursive: true });
  const { stdout } = await run("npm", ["config", "get", "registry"]);
  const config = join(storage, "config.json");
  await writeFile(config, JSON.stringify(configuration(storage, stdout.trim()), null, 2));

  const port = await freePort();
  const program = join(here, "node_modules/verdaccio/bin/verdaccio");
  const child = spawn(process.execPath, [program, "--config", config, "--listen", `127.0.0.1:${port}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.on("close", resolve));
  const url = `http://127.0.0.1:${port}/`;
  await answering(`${url}-/ping`, child, () => output);
  return {
    ...registryAt(url),
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/** A registry that somebody else started here: its `url`, and the `env` under which npm, pnpm and Yarn use it. */
export function registryAt(url) {
  return {
    url,
    env: {
      npm_config_registry: url,
      YARN_REGISTRY: url,
      // Anybody may publish here, but npm and pnpm do not try without a token.
      [`npm_config_//${new URL(url).host}/:_authToken`]: "anybody",
    },
    async stop() {},
  };
}

/** Publishes the built packages of the repository `root` (all, or those named), with what pnpm rewrites in their package.json files. */
export async function publishPackages(
  root,
  registry,
  names = publishedPackages(root).map(({ name }) => name),
) {
  const [pnpm, ...words] = pnpmCommand();
  const flags = ["--no-git-checks", "--report-summary=false", "--registry", registry.url];
  await run(
    pnpm,
    [...words, "--recursive", ...names.flatMap((name) => ["--filter", name]), "publish", ...flags],
    {
      cwd: root,
      env: { ...process.env, ...registry.env },
      maxBuffer: 1 << 28,
    },
  );
}

/** Verdaccio and Yarn are installed at first use, with a folder of its own, so that installing the workspace stays fast. */
export async function installTools() {
  const wanted = JSON.parse(readFileSync(join(here, "package.json"), "utf8")).dependencies.verdaccio;
  const manifest = join(here, "node_modules/verdaccio/package.json");
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === wanted) return;
  console.log("installing verdaccio and Yarn, once");
  await run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"], {
    cwd: here,
  });
}

function configuration(storage, uplink) {
  return {
    storage: join(storage, "packages"),
    auth: { htpasswd: { file: join(storage, "htpasswd"), max_users: -1 } },
    uplinks: { outside: { url: uplink, maxage: "1h", timeout: "60s", max_fails: 100, cache: true } },
    packages: {
      "@csl/*": { access: "$all", publish: "$all" },
      "**": { access: "$all", proxy: "outside" },
    },
    web: { enable: false },
    max_body_size: "500mb",
    log: { type: "stdout", format: "pretty", level: "error" },
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function answering(url, child, output) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill();
  throw new Error(`startRegistry: expected an answer from ${url}, got none.\n${output()}`);
}
