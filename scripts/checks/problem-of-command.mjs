import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "../run.mjs";
import { filesMatching } from "./repository.mjs";

/** Commands of the machine that may be used, and of pnpm's own. */
const ofTheMachine = new Set(["apt-get"]);
const ofPnpm = new Set(["install", "exec", "dlx", "changeset", "add"]);

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const manifests = filesMatching(/^[^/]+(\/[^/]+)?\/package\.json$/).map(([, text]) => JSON.parse(text));

/** What is wrong with a command that is to be run in the repository: a script or a file that does not exist; or undefined. */
export function problemOfCommand(command) {
  const [program, ...words] = command.split(/\s+/);
  if (ofTheMachine.has(program)) return undefined;
  if (program === "pnpm") return problemOfScript(words.filter((word) => word !== "--silent"));
  if (program === "node") return missingPath(words.slice(0, 1));
  if (!program.startsWith("./")) return "expected pnpm, node or a file of this repository";
  if (!existsSync(join(root, program))) return `${program} is missing`;
  return statSync(join(root, program)).mode & 0o111 ? undefined : `${program} is not executable`;
}

function problemOfScript([first, ...rest]) {
  if (first !== "--filter")
    return ofPnpm.has(first) || first in scripts ? missingPath(rest) : `package.json has no script ${first}`;
  const [name, script] = rest;
  const manifest = manifests.find((one) => one.name === name);
  if (!manifest) return `there is no package ${name}`;
  return script in (manifest.scripts ?? {}) ? undefined : `${name} has no script ${script}`;
}

/** Words that begin with a folder of the repository; others are what the command writes. */
function missingPath(words) {
  const own = /^(packages|scripts|integrations|tooling|docs|examples|benchmarks)\//;
  const missing = words.find((word) => own.test(word) && !existsSync(join(root, word)));
  return missing && `${missing} is missing`;
}
