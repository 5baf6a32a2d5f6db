import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runReadme } from "@csl/test-support";
import { it } from "vitest";

it("prints what the README's example says", async () => {
  // The example has a top-level await, so the folder it runs in must be one of ES modules; and from below
  // node_modules an ES module finds its own package only through a link.
  const packageFolder = join(import.meta.dirname, "..");
  const folder = join(packageFolder, "node_modules/.readme");
  const link = join(folder, "node_modules/@csl/scenes");
  await mkdir(join(link, ".."), { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await rm(link, { force: true });
  await symlink(packageFolder, link, "dir");
  await runReadme(import.meta.dirname);
});
