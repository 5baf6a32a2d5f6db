// Serves the built page, opens it in headless Chromium once per backend and prints what the pages sent.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preview } from "vite";
import { compared } from "./compare.js";

const backends = ["cpu", "wasm", "webgl"];
const names = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"];
const browser = names.find((name) => name && isThere(name));
if (!browser) {
  console.error(
    "open-page: expected Chromium, found none. Install it: apt-get install chromium; or set CHROMIUM.",
  );
  process.exit(1);
}

let receive;
const server = await preview({
  logLevel: "error",
  preview: { port: 0, host: "127.0.0.1" },
  plugins: [{ name: "printed", configurePreviewServer }],
});
const { port } = server.httpServer.address();
const address = `http://127.0.0.1:${port}`;
for (const backend of backends) console.log(await printedBy(`${address}/?backend=${backend}`));
console.log(await printedBy(`${address}/tag.html`));
for (const query of ["engines=wasm", "engines=cpu,wasm,webgl,webgpu&isolated"])
  console.log(compared(await printedBy(`${address}/train.html?${query}`)));
server.httpServer.close();
process.exit(0);

/** The page sends its lines to /printed. */
function configurePreviewServer({ middlewares }) {
  middlewares.use("/printed", async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    response.end();
    receive?.(text);
  });
}

async function printedBy(url) {
  const profile = mkdtempSync(join(tmpdir(), "csl-chromium-"));
  const quiet = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
  ];
  // WebGL and WebGPU on the CPU, by SwiftShader.
  const webgl = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"];
  const webgpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];
  const headless = ["--headless", "--no-sandbox", "--no-first-run", `--user-data-dir=${profile}`];
  const child = spawn(browser, [...headless, ...quiet, ...webgl, ...webgpu, url], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.on("close", resolve));
  let timer;
  try {
    return await new Promise((resolve, reject) => {
      receive = resolve;
      timer = setTimeout(
        () => reject(new Error(`open-page: ${url} sent nothing within 5 min\n${output}`)),
        300_000,
      );
    });
  } finally {
    clearTimeout(timer);
    child.kill();
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isThere(name) {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
