// The `pnpm …` and `node …` lines in the pages' ```sh blocks name scripts and files that exist. What `csl …` lines are given is
// checked by packages/cli/src/documented-commands.test.ts, and the examples are run by the integrations.
//
//   node scripts/checks/pages.mjs
import { dirname } from "node:path";
import { problemOfCommand } from "./problem-of-command.mjs";
import { filesMatching } from "./repository.mjs";

const problems = [];
let commands = 0;
for (const [path, text] of filesMatching(/^(?!.*(CHANGELOG|\/fixtures\/|^\.changeset)).*\.md$/))
  for (const [, block] of text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm))
    for (const line of block.split("\n")) {
      const command = line.replace(/#.*/, "").trim();
      // A package's README is for who installed it; a file that it names is its reader's.
      if (!/^pnpm /.test(command) && !(/^node /.test(command) && !dirname(path).startsWith("packages")))
        continue;
      commands++;
      const problem = problemOfCommand(command);
      if (problem) problems.push(`${path}: \`${command}\`: ${problem}`);
    }
for (const problem of problems) console.log(problem);
if (commands < 30) throw new Error(`pages: expected commands in the pages, found ${commands}`);
console.log(`${commands} commands in the pages, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
