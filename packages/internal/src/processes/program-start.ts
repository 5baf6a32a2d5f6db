import { delimiter, isAbsolute, parse } from "node:path";
import { absoluteEntries, findProgram } from "./find-program.js";

/** How a program is started, for execFile and spawnSync. */
export interface ProgramStart {
  file: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/**
 * The start of a program that does not depend on the folder in which a person is: it is found by the absolute folders of
 * PATH alone, runs in the root folder (Python, version managers and compilers look into their current folder), and gets no
 * variable by which a relative name or a hook is loaded. Without `cwd` for a place of its own.
 *
 * @returns or, in one sentence, why there is no such program
 */
export function programStart(
  command: string,
  { cwd = parse(process.execPath).root, env = process.env }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): ProgramStart | string {
  const file = findProgram(command, env);
  if (file === undefined) return `${command}: ENOENT, no absolute folder of PATH has a program of this name`;
  return { file, cwd, env: neutralEnvironment({ ...env, PWD: cwd }) };
}

/** Code that Node and Python load before, or beside, what they are asked to run. */
const hooks = ["NODE_OPTIONS", "NODE_PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"];
/** Lists of folders in which programs, libraries and headers are looked for; an empty entry means the current folder. */
const lists = [
  ...["PATH", "Path", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "LIBRARY_PATH"],
  ...["COMPILER_PATH", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"],
];
const folders = ["TMPDIR", "TMP", "TEMP"];

function neutralEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = { ...env };
  for (const name of hooks) delete kept[name];
  for (const name of folders) if (!isAbsolute(kept[name] ?? "")) delete kept[name];
  for (const name of lists) {
    const list = kept[name];
    if (list === undefined) continue;
    const entries = absoluteEntries(list);
    if (entries.length > 0) kept[name] = entries.join(delimiter);
    else delete kept[name];
  }
  return kept;
}
