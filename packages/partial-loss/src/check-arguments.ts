import { CslError } from "@csl/internal/errors/csl-error";

/** @throws CslError `invalid-argument` unless `value` is one of `choices`. */
export function checkChoice(
  speaker: string,
  name: string,
  value: unknown,
  choices: readonly unknown[],
): void {
  if (!choices.includes(value))
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected ${name} ${choices.join(" or ")}, got ${JSON.stringify(value)}.`,
    );
}

/** @throws CslError `invalid-argument` when a parameter is not a finite number within the bounds. */
export function checkNumbers(
  speaker: string,
  parameters: Record<string, number>,
  { least = 0, most = Number.POSITIVE_INFINITY }: { least?: number; most?: number } = {},
): void {
  for (const [name, value] of Object.entries(parameters))
    if (!(value >= least && value <= most && Number.isFinite(value)))
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected ${name} to be a number from ${least} to ${most}, got ${value}. Leave it out for the default.`,
      );
}
