import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * SHA-256 over the names and contents of the AssemblyScript sources in a folder, in the order of their names: what a
 * compiled module is stamped with, so that a test sees when it is not that of the sources.
 *
 * @param {string} folder
 * @returns {string} hexadecimal
 */
export function sourceDigest(folder) {
  const hash = createHash("sha256");
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .sort()) {
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(folder, file)))
      .update("\0");
  }
  return hash.digest("hex");
}
