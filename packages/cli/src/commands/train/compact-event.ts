import type { Evaluation, TrainEvent } from "@csl/trainer";

/** An evaluation without its numbers per class: with ten thousand classes they would be megabytes a line. */
function compactEvaluation({
  perClass: _,
  skippedClasses: __,
  ...summary
}: Evaluation): Omit<Evaluation, "perClass" | "skippedClasses"> {
  return summary;
}

/** An event as the log keeps it: validations in short; per-class.csv has the classes of the best one. */
export function compactEvent(event: TrainEvent): unknown {
  if (event.type !== "validation") return event;
  const { raw, ema, ...rest } = event;
  return { ...rest, raw: compactEvaluation(raw), ...(ema && { ema: compactEvaluation(ema) }) };
}
