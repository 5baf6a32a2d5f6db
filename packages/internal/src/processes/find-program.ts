import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve, sep } from "node:path";

/**
 * The file of a program, as the system finds it, with one difference: folders of PATH that are relative or empty (which
 * means the current folder) are left out, and so is the current folder on Windows. What lies in the folder that a person
 * happens to be in is never started by its name. A path ("./python", "venv/bin/python") was written by the person and is kept.
 *
 * @returns an absolute path, or undefined where no such program is
 */
export function findProgram(command: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (isAbsolute(command)) return command;
  if (command.includes(sep) || command.includes("/")) return resolve(command);
  const endings = process.platform === "win32" ? ["", ".exe", ".com"] : [""];
  for (const folder of absoluteEntries(env.PATH ?? env.Path ?? ""))
    for (const ending of endings) {
      const file = join(folder, command + ending);
      if (isExecutable(file)) return file;
    }
  return undefined;
}

/** The folders of a list such as PATH that do not depend on the current folder. */
export function absoluteEntries(list: string): string[] {
  return list.split(delimiter).filter(isAbsolute);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
