import { exportOnnx } from "@csl/export";
import { outputKinds } from "../../outputs/output-kinds.js";
import { describeExport } from "./describe-export.js";
import { exportCard } from "./export-card.js";
import type { ExportFormat } from "./export-format.js";
import { formatCost, measureCost } from "./measure-cost.js";
import { writeParts } from "./write-parts.js";

/** One file for onnxruntime and others; where there is a data set, with what the precision costs. */
export const onnxFormat: ExportFormat = {
  files: { "": outputKinds.onnx },
  defaultName: "model.onnx",
  async write({ file, located, options, context, out }) {
    const { facts, classes } = await describeExport(file, located, options, context.terminal);
    const { precision, preprocessing, data } = options;
    const source = { model: file.model, state: file.state, precision };
    const cost =
      data &&
      (await measureCost(
        file,
        Buffer.concat([...exportOnnx({ ...source, facts }).parts()]),
        { classes, imageSize: facts.imageSize },
        { ...options, data },
        context,
      ));
    const scores = cost ? formatCost(cost, precision) : undefined;
    const card = exportCard(facts, { precision, scores });
    const { parts } = exportOnnx({ ...source, preprocessing, facts: { ...facts, card } });
    await writeParts(out, parts());
    if (!scores && precision !== "float32")
      context.terminal.info(
        `what ${precision} costs was not measured: --data with labelled images does that, and the model's card keeps it`,
      );
    return scores;
  },
};
