import { access } from "node:fs/promises";

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The first of `paths` that is there. @throws `message` with everything that was tried, and the way out. */
export async function firstExisting(
  paths: readonly string[],
  message: string,
  wayOut: string,
): Promise<string> {
  for (const path of paths) if (await exists(path)) return path;
  throw new Error(`${message} Looked for ${paths.join(", ")}. ${wayOut}`);
}
