import { formatDuration, progressLine } from "./format.js";
import type { Terminal } from "./terminal.js";

/** How far some work is; `from` is what was done before it began, as of a download that continues. */
export type ShowProgress = (done: number, total: number, more?: { detail?: string; from?: number }) => void;

/**
 * Shows the progress of work that begins now: the share done, the speed in `unit` a second where there is one, and the
 * time left at the mean speed so far.
 */
export function startProgress(
  terminal: Terminal,
  { label, unit, now = () => performance.now() }: { label: string; unit?: string; now?: () => number },
): ShowProgress {
  const started = now();
  return (done, total, { detail, from = 0 } = {}) => {
    const rate = (done - from) / ((now() - started) / 1000);
    const secondsLeft = rate > 0 && total > 0 ? (total - done) / rate : Number.POSITIVE_INFINITY;
    const line = { label, done, total, secondsLeft, ...(detail && { detail }), ...(unit && { unit, rate }) };
    terminal.status(progressLine(line, { columns: terminal.columns }));
  };
}

/** Shows how long work has taken whose end is not known, such as a compiler's. */
export async function showWaiting<T>(terminal: Terminal, label: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const timer = setInterval(() => {
    terminal.status(`${label} · ${formatDuration((performance.now() - started) / 1000)}`);
  }, 2000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    terminal.endStatus();
  }
}
