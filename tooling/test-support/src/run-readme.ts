import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Runs the first ```ts block of a package's README as a program (from source, no build, in an empty folder) and compares what it
 * prints with the block's own `// prints: …` comments, line by line. So an example that rots fails a test.
 *
 * @param sourceFolder the package's `src` folder (`import.meta.dirname` of the test); README.md lies above it.
 */
export async function runReadme(sourceFolder: string): Promise<void> {
  const packageFolder = dirname(sourceFolder);
  const readme = await readFile(join(packageFolder, "README.md"), "utf8");
  const block = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  if (!block)
    throw new Error(`runReadme: expected a \`\`\`ts block in ${packageFolder}/README.md, found none`);
  const expected = [...block.matchAll(/\/\/ prints: (.*)$/gm)].map((match) => match[1]!.trim());
  if (expected.length === 0)
    throw new Error(`runReadme: the example of ${packageFolder} has no "// prints:" line`);
  // Beside package.json, so that the example is an ES module and can import the package by its own name.
  const file = join(packageFolder, `.readme-example-${process.pid}.ts`);
  const cwd = await mkdtemp(join(tmpdir(), "csl-readme-"));
  try {
    await writeFile(file, block);
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const { stdout } = await run(process.execPath, ["--conditions=@csl/source", "--import", tsx, file], {
      cwd,
    });
    const printed = stdout
      .trim()
      .split("\n")
      .map((line) => line.trim());
    if (JSON.stringify(printed) !== JSON.stringify(expected)) {
      throw new Error(
        `runReadme: expected\n${expected.join("\n")}\nbut the example printed\n${printed.join("\n")}`,
      );
    }
  } finally {
    await rm(file, { force: true });
    await rm(cwd, { recursive: true, force: true });
  }
}
