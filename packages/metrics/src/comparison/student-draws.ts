import type { Random } from "@csl/internal/random/mulberry32";

/** Draws of Student's t: a normal number over the root of the mean of `degrees` squared ones. */
export function studentDraws(count: number, degrees: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const numerator = normal(random);
    let squares = 0;
    for (let i = 0; i < degrees; i++) squares += normal(random) ** 2;
    return numerator / Math.sqrt(squares / degrees);
  });
}

/** Box and Muller 1958. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
