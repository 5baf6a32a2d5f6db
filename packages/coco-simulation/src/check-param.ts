/** Returns `value`, or throws an error that names the scheme, the option and the range. */
export function checkParam(
  speaker: string,
  name: string,
  value: number,
  { from, to = Number.MAX_SAFE_INTEGER, whole = false }: { from: number; to?: number; whole?: boolean },
): number {
  if (typeof value === "number" && value >= from && value <= to && (!whole || Number.isSafeInteger(value)))
    return value;
  const upper = to === Number.MAX_SAFE_INTEGER ? " or more" : ` to ${to}`;
  throw new Error(
    `${speaker}: expected ${name} to be a ${whole ? "whole " : ""}number of ${from}${upper}, got ${String(value)}.`,
  );
}
