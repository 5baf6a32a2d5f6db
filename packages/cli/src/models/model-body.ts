import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hashFile } from "@csl/internal/files/hash-file";
import type { LocatedModel } from "./locate-model.js";

/** What a model was started from. It is kept in config.json and in the checkpoints, so that it is not lost on the way. */
export interface ModelBody {
  /** A name of weights, or of a file. */
  name: string;
  sha256: string;
  /** Where it was fetched from. */
  source?: string;
  commit?: string;
  license?: string;
  /** What that was started from in turn. */
  body?: ModelBody;
}

/** The record of what `--model-path` names; `file` is what its own checkpoint says. */
export async function modelBody(
  { path, name, fetched, license: packaged }: LocatedModel,
  file: { body: ModelBody | undefined; license: string | undefined },
): Promise<ModelBody> {
  const license = fetched?.license ?? packaged ?? file.license;
  return {
    name: fetched?.name ?? basename(name),
    sha256: fetched?.sha256 ?? (await hashFile(path)),
    ...(fetched && { source: fetched.source }),
    ...(fetched?.commit !== undefined && { commit: fetched.commit }),
    ...(license !== undefined && { license }),
    ...(file.body && { body: file.body }),
  };
}

/** The body of a run that is continued without `--model-path`, by the config.json beside its checkpoint. */
export async function earlierBody(resume: string | undefined): Promise<ModelBody | undefined> {
  if (resume === undefined) return undefined;
  try {
    const { body } = JSON.parse(await readFile(join(dirname(resume), "config.json"), "utf8")) as {
      body?: ModelBody;
    };
    return body;
  } catch {
    return undefined; // the checkpoint was moved away from its run
  }
}
