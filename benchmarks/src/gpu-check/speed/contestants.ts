import type { Precision } from "@csl/engine";

/** One way to compute a case, in a process of its own. */
export interface Contestant {
  name: string;
  side: "ours" | "PyTorch";
  precision: Exclude<Precision, "auto" | "float16">;
  /** Ours: the step is recorded once and replayed. */
  graph?: boolean;
  /** PyTorch: channels-last memory. */
  channelsLast?: boolean;
  /** PyTorch: torch.compile; only in cases that ask for it. */
  compile?: boolean;
}

/** In the order of the table's columns. */
export const contestants: readonly Contestant[] = [
  { name: "float32, graph", side: "ours", precision: "float32", graph: true },
  { name: "bf16", side: "ours", precision: "bf16" },
  { name: "bf16, graph", side: "ours", precision: "bf16", graph: true },
  { name: "eager", side: "PyTorch", precision: "float32" },
  { name: "AMP", side: "PyTorch", precision: "bf16", channelsLast: true },
  { name: "compiled", side: "PyTorch", precision: "bf16", channelsLast: true, compile: true },
];
