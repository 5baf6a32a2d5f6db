/** A fraction as the field's tables print it: 0.8372 → "83.72". */
export function percent(fraction: number): string {
  return (100 * fraction).toFixed(2);
}

/** Bytes for people: 999 B, 12.3 MB, 1.5 GB (powers of ten, as disks are sold). */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${units[unit]}`;
}

/** What a progress line says. `rate` is units per second. */
export interface Progress {
  label: string;
  done: number;
  total: number;
  unit?: string;
  rate?: number;
  secondsLeft?: number;
  detail?: string;
}

const BAR_WIDTH = 20;

/** One line of progress with a bar, the share done, the speed and the time left, cut to `columns`. */
export function progressLine(progress: Progress, { columns = 80 }: { columns?: number } = {}): string {
  const { label, done, total, unit, rate, secondsLeft, detail } = progress;
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  const parts = [`${label} ${bar} ${String(Math.floor(share * 100)).padStart(3)}%`];
  if (detail) parts.push(detail);
  if (rate !== undefined && Number.isFinite(rate)) parts.push(`${formatRate(rate)} ${unit ?? "it"}/s`);
  if (secondsLeft !== undefined && Number.isFinite(secondsLeft))
    parts.push(`${formatDuration(secondsLeft)} left`);
  return parts.join(" · ").slice(0, Math.max(20, columns - 1));
}

function formatRate(rate: number): string {
  return rate >= 100 ? rate.toFixed(0) : rate.toPrecision(2);
}

/** Seconds as m:ss, h:mm:ss or d days h:mm. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  const two = (n: number): string => String(n).padStart(2, "0");
  if (hours >= 24) return `${Math.floor(hours / 24)}d ${hours % 24}:${two(minutes % 60)}`;
  if (hours > 0) return `${hours}:${two(minutes % 60)}:${two(whole % 60)}`;
  return `${minutes}:${two(whole % 60)}`;
}

/** A number with its word: 1 class, 2 classes. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
