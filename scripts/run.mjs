import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/**
 * Runs a program in the repository's root and resolves with its exit code and, when `capture` is set, its output. With `hold`
 * nothing is shown: the output, that of errors too, is for the caller to show.
 */
export function run(command, args, { capture = false, hold = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", ...env },
      stdio: [hold ? "ignore" : "inherit", capture || hold ? "pipe" : "inherit", hold ? "pipe" : "inherit"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk) => {
        output += chunk;
        if (!hold) process.stdout.write(chunk);
      });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? (signal === "SIGINT" ? 130 : 1), output }));
  });
}

/** The words that start pnpm in the version that package.json pins: the one on the PATH when it is that major, else npx. */
export function pnpmCommand() {
  const major = packageManager.split("@")[1].split(".")[0];
  const found = spawnSync("pnpm", ["--version"], { cwd: root, encoding: "utf8" });
  return found.status === 0 && found.stdout.startsWith(`${major}.`)
    ? ["pnpm"]
    : ["npx", "--yes", packageManager];
}

export function pnpm(args, options) {
  const [command, ...words] = pnpmCommand();
  return run(command, [...words, ...args], options);
}

/** Installs the workspace as the lock file says, and stops with pnpm's own words when that fails. */
export async function install() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`This needs Node 20.19 or newer; this is Node ${process.versions.node}.`);
    process.exit(1);
  }
  const { code } = await pnpm(["install", "--frozen-lockfile"]);
  if (code !== 0) process.exit(code);
}
