import { readFileSync } from "node:fs";

/** The version of this package. In `src` itself, as the bundle is in `dist`: both are beside package.json. */
export function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Where this package is, as text of a path: the repository's copy has the repository's .git two folders above. */
export const packageFolder: URL = new URL("../", import.meta.url);
