import { join } from "node:path";
import { exportTfjs } from "@csl/export";
import { outputKinds } from "../../outputs/output-kinds.js";
import { describeExport } from "./describe-export.js";
import type { ExportFormat } from "./export-format.js";
import { writeParts } from "./write-parts.js";

/** A folder with a graph model, which plain TensorFlow.js loads. */
export const tfjsFormat: ExportFormat = {
  files: { "model.json": outputKinds.tfjsModel, "weights.bin": outputKinds.tfjsWeights },
  defaultName: "model.tfjs",
  async write({ file, located, options, context, out }) {
    const { facts } = await describeExport(file, located, options, context.terminal);
    const { json, weights } = exportTfjs({ model: file.model, state: file.state, facts });
    // The one that names the other comes last.
    await writeParts(join(out, "weights.bin"), weights.parts());
    await writeParts(join(out, "model.json"), [Buffer.from(json)]);
    return undefined;
  },
};
