import { writeSafetensors } from "@csl/checkpoints";
import { timmStateDict } from "@csl/export";
import { printable } from "@csl/internal/text/printable";
import { outputKinds } from "../../outputs/output-kinds.js";
import type { ExportFormat } from "./export-format.js";
import { asStored, networkState } from "./network-state.js";

/** A state dict for PyTorch's timm. It names no classes: PyTorch's files have no place for them. */
export const timmFormat: ExportFormat = {
  files: { "": outputKinds.timmWeights },
  defaultName: "model.timm.safetensors",
  async write({ file, out }) {
    const { name, state } = timmStateDict({ model: file.model, state: networkState(file) });
    await writeSafetensors(out, asStored(state), { format: "pt", exported: "timm", network: name });
    const { numClasses, head } = file.model;
    const path = JSON.stringify(printable(out));
    if (head !== "ml-decoder")
      return `timm.create_model("${name}", num_classes=${numClasses}, checkpoint_path=${path})`;
    return (
      `model = timm.layers.ml_decoder.add_ml_decoder_head(timm.create_model("${name}", num_classes=${numClasses})); ` +
      `timm.models.load_checkpoint(model, ${path})`
    );
  },
};
