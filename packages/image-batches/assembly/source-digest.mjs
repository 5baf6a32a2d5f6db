import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** SHA-256 over the names and contents of the AssemblyScript sources, in the order of their names. */
export function sourceDigest() {
  const hash = createHash("sha256");
  for (const file of readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(".ts"))
    .sort()) {
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(import.meta.dirname, file)))
      .update("\0");
  }
  return hash.digest("hex");
}
