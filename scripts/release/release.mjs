// Publishes all packages to npm, where nothing speaks against it. A commit that was not rehearsed here is rehearsed first.
//
//   pnpm release
import { publishedPackages } from "../../integrations/registry/registry.mjs";
import { install, pnpm, root, run } from "../run.mjs";
import { reasonsAgainst } from "./gate.mjs";
import { rehearsedCommit } from "./rehearsal-record.mjs";
import { stateOf } from "./temporary-copy.mjs";

const { commit } = stateOf(root);
await insist(commit); // before the rehearsal, which takes minutes
if ((await rehearsedCommit()) !== commit) await succeed(run("node", ["scripts/release/rehearse.mjs"]));
await insist(await rehearsedCommit());
await install();
// Anew, also where turbo has an earlier build of the same sources.
await succeed(
  pnpm(["exec", "turbo", "run", "build", "--filter=./packages/*", "--force", "--output-logs=errors-only"]),
);
console.log(`publishing ${publishedPackages(root).length} packages`);
await succeed(pnpm(["exec", "changeset", "publish"]));

async function insist(rehearsed) {
  const reasons = await reasonsAgainst(root, { rehearsed });
  if (reasons.length === 0) return;
  console.error(`Not published:\n${reasons.map((reason) => `- ${reason}`).join("\n")}`);
  process.exit(1);
}

async function succeed(work) {
  const { code } = await work;
  if (code !== 0) process.exit(code);
}
