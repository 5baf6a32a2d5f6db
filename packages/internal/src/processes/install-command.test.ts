import { pathToFileURL } from "node:url";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { installCommand } from "./install-command.js";

const { at, file } = temporaryFolder();
const module = "node_modules/@csl/cli/node_modules/@csl/engine/dist/index.js";

it.each([
  ["npm -g", `/usr/lib/${module}`, "npm i -g x"],
  ["npm -g of nvm", `/home/me/.nvm/versions/node/v22.1.0/lib/${module}`, "npm i -g x"],
  [
    "npm -g on Windows",
    `C:\\Users\\me\\AppData\\Roaming\\npm\\${module.replaceAll("/", "\\")}`,
    "npm i -g x",
  ],
  [
    "pnpm -g",
    "/home/me/.local/share/pnpm/global/5/.pnpm/@csl+engine@1/node_modules/@csl/engine/dist/index.js",
    "pnpm add -g x",
  ],
  ["yarn global", `/home/me/.config/yarn/global/${module}`, "yarn global add x"],
  ["bun -g", `/home/me/.bun/install/global/${module}`, "bun add -g x"],
  ["npx", `/home/me/.npm/_npx/0a1b2c/${module}`, "npx -p @csl/cli -p x csl …"],
  ["pnpm dlx", `/home/me/.cache/pnpm/dlx/0a1b2c/${module}`, "pnpm --package=@csl/cli --package=x dlx csl …"],
])("fits an installation by %s", (_, path, command) => {
  expect(installCommand("x", path)).toBe(command);
});

it.each([
  ["package-lock.json", "npm i x"],
  ["pnpm-lock.yaml", "pnpm add x"],
  ["yarn.lock", "yarn add x"],
  ["bun.lock", "bun add x"],
])("fits a project with %s, also in a workspace of it", (lock, command) => {
  file(`of ${lock}/${lock}`, "");
  expect(installCommand("x", pathToFileURL(at(`of ${lock}`, module)).href)).toBe(command);
  expect(installCommand("x", at(`of ${lock}`, "packages", "app", module))).toBe(command);
});

it("leaves install scripts out where the manager would run them", () => {
  const without = { ignoreScripts: true };
  expect(installCommand("x", `/usr/lib/${module}`, without)).toBe("npm i -g --ignore-scripts x");
  expect(installCommand("x", `/home/me/.local/share/pnpm/global/5/${module}`, without)).toBe("pnpm add -g x");
});

it("fits a clone of the repository", () => {
  file("clone/pnpm-workspace.yaml", "");
  const path = at("clone", "packages", "engine", "src", "engines", "torch.ts");
  expect(installCommand("x", path)).toBe(
    "npm i --prefix ~/csl-engines x, and set CSL_ENGINE_MODULES=~/csl-engines",
  );
});
