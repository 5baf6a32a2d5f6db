// The command `csl`, from sources.
import { runCommand } from "@csl/cli";

await runCommand(process.argv.slice(2));
process.exit();
