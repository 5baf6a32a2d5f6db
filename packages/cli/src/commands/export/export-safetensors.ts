import { saveCheckpoint } from "@csl/checkpoints";
import { outputKinds } from "../../outputs/output-kinds.js";
import { describeExport } from "./describe-export.js";
import type { ExportFormat } from "./export-format.js";
import { networkState } from "./network-state.js";

/** A checkpoint without the state of the training, with thresholds, temperature and card in it. */
export const safetensorsFormat: ExportFormat = {
  files: { "": outputKinds.exportedCheckpoint },
  defaultName: "model.safetensors",
  async write({ file, located, options, context, out }) {
    const { facts, classes } = await describeExport(file, located, options, context.terminal);
    const { model, body, license } = file;
    await saveCheckpoint(out, {
      state: networkState(file),
      classes,
      config: {
        ...{ model, imageSize: facts.imageSize },
        ...(body && { body }),
        ...(license !== undefined && { license }),
      },
      description: { format: 1, preprocessing: false, ...facts },
    });
    return undefined;
  },
};
