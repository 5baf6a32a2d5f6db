/** Passes a value on only when `interval` milliseconds have gone since the last one that was: terminals are slow. */
export function paced<T>(
  show: (value: T) => void,
  { interval = 100, now = Date.now }: { interval?: number; now?: () => number } = {},
): (value: T) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (value) => {
    if (now() - last < interval) return;
    last = now();
    show(value);
  };
}
