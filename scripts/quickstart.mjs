// The README's first command: from an empty machine through the whole method. Arguments go to the quick start.
import { install, pnpm } from "./run.mjs";

await install();
const turbo = ["exec", "turbo", "run", "build", "--output-logs=errors-only"];
const built = await pnpm([...turbo, "--filter=@csl/example-quickstart^..."]);
if (built.code !== 0) process.exit(built.code);
// The root links the torch engine, so that `csl` finds it here. Its types, most of its build, are for programs that import it.
const torch = await pnpm([...turbo, "--filter=@csl/tfjs-backend-torch", "--only", "--", "--no-dts"]);
if (torch.code !== 0) process.exit(torch.code);
const { code } = await pnpm(["--filter", "@csl/example-quickstart", "start", ...process.argv.slice(2)]);
process.exit(code);
