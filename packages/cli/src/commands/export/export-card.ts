import type { ModelDescription } from "@csl/internal/model-description/model-description";

/** The card of an exported model: that of its training, and what the export did to it. */
export function exportCard(
  { card, network, classes, imageSize }: Omit<ModelDescription, "format" | "preprocessing">,
  { precision, scores }: { precision: string; scores: string | undefined },
): string {
  const own =
    card === "" ? `# ${network} for ${classes.length} classes, images of ${imageSize} pixels\n` : card;
  const cost =
    precision === "float32"
      ? ""
      : `Weights in ${precision}. ${scores ? "" : "What that costs was not measured."}\n\n`;
  return `${own.trimEnd()}\n\n## Export\n\nWritten by \`csl export\` as ONNX. ${cost}${scores ?? ""}`.trimEnd();
}
