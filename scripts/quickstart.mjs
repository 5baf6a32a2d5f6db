// The README's first command: from an empty machine through the whole method. Arguments go to the quick start.
import { install, pnpm } from "./run.mjs";

await install();
const built = await pnpm([
  "exec",
  "turbo",
  "run",
  "build",
  "--filter=@csl/example-quickstart^...",
  "--output-logs=errors-only",
]);
if (built.code !== 0) process.exit(built.code);
const { code } = await pnpm(["--filter", "@csl/example-quickstart", "start", ...process.argv.slice(2)]);
process.exit(code);
