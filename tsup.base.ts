import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Options } from "tsup";

const root = dirname(fileURLToPath(import.meta.url));

type LibraryOptions = Omit<Options, "dts"> & { dts?: { entry?: string | Record<string, string> } };

/**
 * How every package is built: ES modules and their types, `@csl/internal` bundled into both.
 *
 * @param more what a package needs besides: other entries than `src/index.ts`.
 */
export function library({ dts = {}, ...more }: LibraryOptions = {}): Options {
  return {
    entry: ["src/index.ts"],
    format: ["esm"],
    dts: {
      ...dts,
      // Types are bundled only from paths that the compiler does not take for an outside library.
      compilerOptions: {
        baseUrl: root,
        paths: { "@csl/internal/*": [join(root, "packages/internal/src/*.ts")] },
      },
    },
    sourcemap: true,
    clean: true,
    target: "node20",
    ...more,
  };
}
