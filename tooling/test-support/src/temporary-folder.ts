import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";

export interface TemporaryFolder {
  folder: string;
  /** The path of a name in it. */
  at: (...parts: string[]) => string;
  /** Puts a file there, in a folder below it where the name says so, and returns its path. */
  file: (name: string, content: string | Uint8Array) => string;
}

/** A folder of its own, which goes when the tests of the file (or of the `describe`) that made it are through. */
export function temporaryFolder(): TemporaryFolder {
  const folder = mkdtempSync(join(tmpdir(), "csl-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const at = (...parts: string[]): string => join(folder, ...parts);
  return {
    folder,
    at,
    file: (name, content) => {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), content);
      return at(name);
    },
  };
}
