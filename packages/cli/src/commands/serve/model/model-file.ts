import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { Context } from "../../../flags/command.js";
import { silent } from "../../../terminal/terminal.js";
import { exportCommand } from "../../export/export-command.js";

/** Whether a model was exported already: what else it is goes through `csl export` first. */
const isExported = (model: string): boolean => extname(model) === ".onnx";

/** The file by whose change one sees that a model was replaced. */
export async function watchedFile(model: string): Promise<string> {
  const isFolder = (await stat(model).catch(() => undefined))?.isDirectory();
  return isFolder ? join(model, "best.safetensors") : model;
}

/**
 * What `createTagger` opens: the path of an exported model, or the bytes of one that is exported for it.
 *
 * @throws CslError as `csl export` for a model that cannot be exported
 */
export async function exportedModel(model: string, { signal }: Context): Promise<string | Buffer> {
  if (isExported(model)) return model;
  const folder = await mkdtemp(join(tmpdir(), "csl-serve-"));
  try {
    const out = join(folder, "model.onnx");
    await exportCommand.execute({ out }, [model], () => ({ terminal: silent, signal }), []);
    return await readFile(out);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
