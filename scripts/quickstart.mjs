// The README's first command: from an empty machine through the whole method. Arguments go to the quick start.
import { install, pnpm } from "./run.mjs";

await install();
// Another engine than the embedded one is asked for by name, and is then built, too.
// biome-ignore lint/suspicious/noUndeclaredEnvVars: it chooses what is built, not how.
const torch = process.env.CSL_ENGINE?.startsWith("torch") ? ["--filter=@csl/tfjs-backend-torch"] : [];
const built = await pnpm([
  "exec",
  "turbo",
  "run",
  "build",
  "--filter=@csl/example-quickstart^...",
  ...torch,
  "--output-logs=errors-only",
]);
if (built.code !== 0) process.exit(built.code);
const { code } = await pnpm(["--filter", "@csl/example-quickstart", "start", ...process.argv.slice(2)]);
process.exit(code);
