import { isRunning, type ProcessIdentity, thisProcess } from "../processes/process-identity.js";

/** The file system that clearing takes; `node:fs/promises` is one. */
interface ClearedFiles {
  readdir(path: string): Promise<string[]>;
  rm(path: string, options: { force: true }): Promise<void>;
  stat(path: string): Promise<{ mtimeMs: number }>;
}

/** Milliseconds without a write after which a temporary file counts as left where nothing tells whether its process runs. */
const ABANDONED_AFTER = 3_600_000;

let counter = 0;

/**
 * A name beside `path` for a file that is being written, `labels.csl.1a-2b-3c-0.tmp`: it tells which process writes
 * it, so that the next run can remove what a killed one left. Another call gives another name.
 */
export function temporaryName(path: string): string {
  const { pid, started } = thisProcess();
  const parts = [pid.toString(36), Number(started ?? 0).toString(36), machineTag(), (counter++).toString(36)];
  return `${path}.${parts.join("-")}.tmp`;
}

/**
 * Removes temporary files that killed runs left in a folder: at once where their process has ended, and after an hour
 * where this machine cannot tell (another machine's or container's). Those of running processes stay. A folder that is
 * not there is fine, and nothing fails: what cannot be removed stays.
 *
 * @param options.of only those of this file.
 * @param options.alone the caller holds the folder's lock: what nobody here can tell of is left by a killed run.
 */
export async function removeTemporaryFiles(
  folder: string,
  {
    of,
    alone = false,
    files = process.getBuiltinModule("node:fs/promises"),
  }: { of?: string; alone?: boolean; files?: ClearedFiles } = {},
): Promise<void> {
  const { join } = process.getBuiltinModule("node:path");
  for (const name of await files.readdir(folder).catch(() => [])) {
    const found = parseTemporary(name);
    if (!found || (of !== undefined && found.of !== of)) continue;
    const path = join(folder, name);
    try {
      const runs = found.writer && isRunning(found.writer);
      if (runs === true) continue;
      const known = runs === false || alone;
      if (known || Date.now() - (await files.stat(path)).mtimeMs > ABANDONED_AFTER)
        await files.rm(path, { force: true });
    } catch {} // removed by another run at this moment
  }
}

/** Which file it is for, and its process where that is one of this machine. */
function parseTemporary(name: string): { of: string; writer: ProcessIdentity | undefined } | undefined {
  const found = /^(.+)\.([0-9a-z]+)-([0-9a-z]+)-([0-9a-z]+)-[0-9a-z]+\.tmp$/.exec(name);
  if (!found) return undefined;
  const [, of, pid, started, machine] = found as unknown as [string, string, string, string, string];
  const { host, machine: here } = thisProcess();
  const writer: ProcessIdentity | undefined =
    machine === machineTag()
      ? {
          pid: Number.parseInt(pid, 36),
          host,
          machine: here,
          started: started === "0" ? undefined : String(Number.parseInt(started, 36)),
        }
      : undefined;
  return { of, writer };
}

/** This machine, boot and container in a few letters (FNV-1a). */
function machineTag(): string {
  const { host, machine = "" } = thisProcess();
  let hash = 0x811c9dc5;
  for (const letter of `${host} ${machine}`)
    hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193) >>> 0;
  return hash.toString(36);
}
