/**
 * Installs what is missing, copies the quick start's models into the page where it has none, builds the page and serves it:
 *
 *     pnpm --filter @csl/example-browser start [--port 4173]
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { install } from "../../../scripts/run.mjs";
import { copyModels, modelsFolder } from "./copy-models.mjs";

const example = join(import.meta.dirname, "..");
let port;
try {
  port = Number(parseArgs({ options: { port: { type: "string", default: "4173" } } }).values.port);
} catch (error) {
  console.error(`start: ${error.message.split("\n")[0]} It takes --port NUMBER.`);
  process.exit(1);
}
if (!existsSync(join(example, "node_modules", "vite"))) await install();
const { build, preview } = await import("vite");
if (!existsSync(join(modelsFolder, "models.json"))) {
  const { source, problem } = await copyModels();
  console.log(source ? `The page takes the models of ${source}.` : `The page has no models: ${problem}`);
}
await build({ root: example, logLevel: "warn" });
const server = await preview({ root: example, preview: { port, host: "127.0.0.1" } });
console.log("\nThe page is here; Ctrl-C ends it:");
server.printUrls();
