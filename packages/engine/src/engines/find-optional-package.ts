import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface OptionalPackage {
  folder: string;
  version: string;
  /** `require` as seen from where the package was found. */
  require: NodeJS.Require;
}

/**
 * Looks for an optional peer where a program may have it: in the folder that the environment variable
 * CSL_ENGINE_MODULES names (its node_modules), beside this package, and in the working folder's project.
 */
export function findOptionalPackage(name: string): OptionalPackage | undefined {
  const extra = process.env.CSL_ENGINE_MODULES;
  const places = [...(extra ? [join(extra, "any.js")] : []), import.meta.url, join(process.cwd(), "any.js")];
  for (const place of places) {
    const require = createRequire(place);
    for (const folder of require.resolve.paths(name) ?? []) {
      const file = join(folder, name, "package.json");
      if (!existsSync(file)) continue;
      const { version } = require(file) as { version: string };
      return { folder: dirname(file), version, require };
    }
  }
  return undefined;
}
