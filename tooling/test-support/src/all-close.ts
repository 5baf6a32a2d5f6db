type Numbers = ArrayLike<number> | readonly (ArrayLike<number> | readonly ArrayLike<number>[])[];

/**
 * Throws unless every |actual - expected| <= atol + rtol * |expected|; the message names the worst entry.
 * NaN equals NaN only. Nested arrays are flattened first.
 */
export function expectAllClose(actual: Numbers, expected: Numbers, { atol = 0, rtol = 1e-5 } = {}): void {
  const a = flatten(actual);
  const e = flatten(expected);
  if (a.length !== e.length) throw new Error(`expected ${e.length} numbers, got ${a.length}`);
  let worst = -1;
  let excess = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = e[i]!;
    if (Object.is(x, y) || x === y) continue;
    const over = Math.abs(x - y) - (atol + rtol * Math.abs(y));
    if (!(over <= 0) && (worst < 0 || !(over <= excess))) {
      worst = i;
      excess = over;
    }
  }
  if (worst >= 0) {
    throw new Error(`entry ${worst}: expected ${e[worst]} (atol ${atol}, rtol ${rtol}), got ${a[worst]}`);
  }
}

function flatten(values: Numbers): number[] {
  const out: number[] = [];
  const walk = (v: unknown): void => {
    if (typeof v === "number") out.push(v);
    else for (const inner of v as ArrayLike<unknown> & Iterable<unknown>) walk(inner);
  };
  walk(values);
  return out;
}
