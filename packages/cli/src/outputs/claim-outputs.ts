import { open } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { removeTemporaryFiles } from "@csl/internal/files/temporary-files";
import { fileIdentity, occupant } from "./file-identity.js";
import type { OutputKind } from "./output-kinds.js";

/** A file that a command is about to write. */
export interface Output {
  path: string;
  /** What named it, as messages say it: `--json`. */
  flag: string;
  kind: OutputKind;
}

/** A file or folder that the command reads. */
export interface Input {
  path: string;
  flag: string;
}

/**
 * The one check before a command writes: an output never replaces an input, no two outputs of a run are one file, and
 * a file that is there already is replaced only when it is an earlier output of the same kind, or by `--overwrite`.
 * Removes the temporary files that killed runs left for these outputs.
 *
 * @param speaker the command, as errors begin: `csl infer`.
 * @throws CslError `already-exists` or `invalid-argument`, naming the file and the way out; nothing is changed then.
 */
export async function claimOutputs(
  speaker: string,
  outputs: readonly Output[],
  { inputs, overwrite }: { inputs: readonly Input[]; overwrite: boolean },
): Promise<void> {
  const read = new Map<string, Input>();
  for (const input of inputs) read.set(await fileIdentity(input.path), input);
  const taken = new Map<string, Output>();
  for (const output of outputs) {
    const { path, flag } = output;
    const identity = await fileIdentity(path);
    const input = read.get(identity);
    if (input) throw replacesInput(speaker, output, input);
    const other = taken.get(identity);
    if (other)
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected ${flag} and ${other.flag} to be two files, got ${path} for both. Choose another name for one of them.`,
      );
    taken.set(identity, output);
    await requireReplaceable(speaker, output, { inputs, overwrite });
  }
  for (const { path } of outputs) await removeTemporaryFiles(dirname(path), { of: basename(path) });
}

async function requireReplaceable(
  speaker: string,
  output: Output,
  { inputs, overwrite }: { inputs: readonly Input[]; overwrite: boolean },
): Promise<void> {
  const { path, flag, kind } = output;
  const there = await occupant(path);
  if (there === "none") return;
  if (there !== "file")
    throw new CslError(
      "already-exists",
      `${speaker}: expected ${flag} to be a file, got ${path}, which is ${there}. Choose another name.`,
    );
  if (kind.begins.test(await beginning(path))) return;
  const holder = await inputAround(path, inputs);
  if (holder) throw replacesInput(speaker, output, holder);
  if (overwrite) return;
  throw new CslError(
    "already-exists",
    `${speaker}: expected ${flag} to be a new file, or ${kind.what} of an earlier run to replace, got ${path}, which is ` +
      "something else. Choose another name, or pass --overwrite to lose it.",
  );
}

/** The folder among the inputs that a file is in. */
async function inputAround(path: string, inputs: readonly Input[]): Promise<Input | undefined> {
  const around = new Set<string>();
  for (let at = resolve(path); at !== dirname(at); at = dirname(at))
    around.add(await fileIdentity(dirname(at)));
  for (const input of inputs) if (around.has(await fileIdentity(input.path))) return input;
  return undefined;
}

function replacesInput(speaker: string, { path, flag }: Output, input: Input): CslError {
  return new CslError(
    "already-exists",
    `${speaker}: expected ${flag} to be another file than those that are read, got ${path}, which is read by ` +
      `${input.flag}. Choose another name or folder.`,
  );
}

/** The first bytes of a file, as Latin-1; none where it cannot be read. */
async function beginning(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return "";
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8192), 0, 8192, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}
