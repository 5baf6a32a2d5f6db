// Serves the built page, opens it in headless Chromium and prints what the page printed.
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { preview } from "vite";

const names = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"];
const browser = names.find((name) => name && isThere(name));
if (!browser) {
  console.error(
    "open-page: expected Chromium, found none. Install it: apt-get install chromium; or set CHROMIUM.",
  );
  process.exit(1);
}

const server = await preview({ preview: { port: 0, host: "127.0.0.1" }, logLevel: "error" });
const profile = mkdtempSync(join(tmpdir(), "csl-chromium-"));
const quiet = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
];
const headless = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  `--user-data-dir=${profile}`,
];
try {
  const { port } = server.httpServer.address();
  const { stdout } = await promisify(execFile)(
    browser,
    [...headless, ...quiet, "--virtual-time-budget=10000", "--dump-dom", `http://127.0.0.1:${port}/`],
    { timeout: 90_000 },
  );
  const printed = /<pre id="printed">([\s\S]*?)<\/pre>/.exec(stdout)?.[1];
  console.log(printed || `open-page: expected the page to print, got\n${stdout}`);
} finally {
  await new Promise((resolve) => server.httpServer.close(resolve));
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(0);

function isThere(name) {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
