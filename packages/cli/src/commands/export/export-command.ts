import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { printable } from "@csl/internal/text/printable";
import { requireReadable, requireWritable } from "../../flags/check-path.js";
import { type Context, defineCommand } from "../../flags/command.js";
import { inputsOf } from "../../flags/read-flags.js";
import { checkpointFile } from "../../flags/shared-flags.js";
import { readClassEmbeddings } from "../../models/class-embeddings.js";
import { locateModel } from "../../models/locate-model.js";
import { readWholeModel } from "../../models/open-model.js";
import { claimOutputs } from "../../outputs/claim-outputs.js";
import { readRun } from "../../runs/read-run.js";
import { formatBytes } from "../../terminal/format.js";
import { type ExportOptions, exportFlags } from "./export-flags.js";
import { type ExportFormat, speaker } from "./export-format.js";
import { onnxFormat } from "./export-onnx.js";
import { safetensorsFormat } from "./export-safetensors.js";
import { tfjsFormat } from "./export-tfjs.js";
import { timmFormat } from "./export-timm.js";
import { loadRuntime } from "./onnx-session.js";

const formats: Readonly<Record<ExportOptions["format"], ExportFormat>> = {
  onnx: onnxFormat,
  safetensors: safetensorsFormat,
  tfjs: tfjsFormat,
  timm: timmFormat,
};

/** `csl export`: a model as other programs take it. */
export const exportCommand = defineCommand({
  name: "export",
  summary: "write a trained model as ONNX, as safetensors, for TensorFlow.js or PyTorch's timm",
  positional: {
    name: "model",
    many: false,
    description:
      "a checkpoint, the folder of csl train, a PyTorch file, or weights by name as --model-path takes them",
  },
  flags: exportFlags,
  run: exportModel,
});

async function exportModel(
  options: ExportOptions,
  context: Context,
  [name = ""]: readonly string[],
): Promise<void> {
  const format = formats[options.format];
  const { out: asked, ...read } = options; // its kind depends on the format
  const isFolder = (await stat(name).catch(() => undefined))?.isDirectory();
  const path = isFolder ? (await readRun(speaker, name)).checkpoint : name;
  await requireReadable(speaker, "MODEL", path, checkpointFile);
  const out = asked ?? join("outputs", format.defaultName);
  await requireWritable(speaker, "the folder of --out", dirname(out));
  if (options.data !== undefined) await loadRuntime();
  const located = await locateModel(path, { speaker, offline: options.offline }, context);
  const files = Object.entries(format.files).map(([name, kind]) => ({
    path: join(out, name),
    flag: "--out",
    kind,
  }));
  await claimOutputs(speaker, files, {
    inputs: [...inputsOf(exportFlags, read), { path: located.path, flag: "MODEL" }],
    overwrite: options.overwrite,
  });
  const embeddings =
    options.classEmbeddings === undefined
      ? undefined
      : await readClassEmbeddings(options.classEmbeddings, speaker);
  const file = await readWholeModel(located, embeddings);
  const told = await format.write({ file, located, options, context, out });
  const { terminal } = context;
  const sizes = await Promise.all(files.map((one) => stat(one.path)));
  if (told !== undefined) terminal.print(`${told}\n`);
  terminal.print(`${printable(out)}: ${formatBytes(sizes.reduce((sum, { size }) => sum + size, 0))}`);
}
