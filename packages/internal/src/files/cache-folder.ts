import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { CslError } from "../errors/csl-error.js";

/**
 * The folder for what is made once for all projects of a person: CSL_CACHE, else `csl` in XDG_CACHE_HOME, else
 * ~/.cache/csl. Code is loaded from there, so a variable that is empty or relative, and would make it depend on the current
 * folder, counts as not set (as the XDG specification says).
 *
 * @throws CslError `not-found` where the person has no home folder either
 */
export function cacheFolder(speaker: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env.CSL_CACHE && isAbsolute(env.CSL_CACHE)) return env.CSL_CACHE;
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, "csl");
  const home = [() => env.HOME ?? "", homedir, () => userInfo().homedir].map(orNothing).find(isAbsolute);
  if (home !== undefined) return join(home, ".cache", "csl");
  throw new CslError(
    "not-found",
    `${speaker}: expected a home folder to keep a cache in, found none. Name a folder by its absolute path in CSL_CACHE.`,
  );
}

/** A user without an entry in the system's list has no home: the question throws. */
function orNothing(ask: () => string): string {
  try {
    return ask();
  } catch {
    return "";
  }
}
