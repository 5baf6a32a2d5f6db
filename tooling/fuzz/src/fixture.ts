import { fileURLToPath } from "node:url";

/** The path of a fixture of a package. */
export function fixture(packageName: string, name: string): string {
  return fileURLToPath(new URL(`../../../packages/${packageName}/fixtures/${name}`, import.meta.url));
}
