import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";

export interface OptionalPackage {
  folder: string;
  version: string;
  /** `require` as seen from the package itself. */
  require: NodeJS.Require;
}

/**
 * Looks for an optional peer where the installed program has it: beside this package. The environment variable
 * CSL_ENGINE_MODULES names another folder, whose node_modules are looked into first. The current folder is looked into
 * when it is named so, and not by itself: a package there runs its code.
 */
export function findOptionalPackage(name: string): OptionalPackage | undefined {
  const extra = process.env.CSL_ENGINE_MODULES;
  const places = [...(extra ? [join(resolve(extra), "any.js")] : []), import.meta.url];
  for (const place of places) {
    // NODE_PATH and HOME, which Node adds, may be relative.
    const folders = (createRequire(place).resolve.paths(name) ?? []).filter(isAbsolute);
    for (const folder of folders) {
      const manifest = join(folder, name, "package.json");
      if (!existsSync(manifest)) continue;
      const require = createRequire(manifest);
      const { version } = require(manifest) as { version: string };
      return { folder: join(folder, name), version, require };
    }
  }
  return undefined;
}
