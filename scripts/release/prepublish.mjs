// The `prepublishOnly` of every package: somebody may type `pnpm publish` or `npm publish` in a package's folder. A registry
// on this machine takes anything.
import { root } from "../run.mjs";
import { reasonsAgainst } from "./gate.mjs";
import { rehearsedCommit } from "./rehearsal-record.mjs";

const { npm_config_registry: registry = "https://registry.npmjs.org", npm_config_user_agent: agent = "" } =
  process.env;
const { hostname } = new URL(registry);
if (!["127.0.0.1", "localhost", "[::1]"].includes(hostname)) {
  const reasons = await reasonsAgainst(root, { rehearsed: await rehearsedCommit() });
  if (!agent.startsWith("pnpm/"))
    reasons.push("npm does not rewrite package.json as pnpm does: pnpm release");
  if (reasons.length > 0) {
    console.error(`Not published:\n${reasons.map((reason) => `- ${reason}`).join("\n")}`);
    process.exit(1);
  }
}
