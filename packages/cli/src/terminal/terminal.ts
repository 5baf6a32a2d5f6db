import { printable, printableLines } from "@csl/internal/text/printable";

/** Where a command's words go. Results are printed even in quiet mode; narration and progress are not. */
export interface Terminal {
  readonly columns: number;
  /** A result: what the person asked for. Standard output. */
  print(text: string): void;
  /**
   * Narration: what is being done and why. Standard error, silent when quiet. With `once`, what an earlier command of the
   * same process has told there already is not told again: several commands on one data set have the same to say of it.
   */
  info(text: string, options?: { once?: boolean }): void;
  /**
   * Progress, replaced by the next one on a terminal. Elsewhere, as in the log of a scheduler, a line after ten seconds
   * and then one every minute.
   */
  status(line: string): void;
  /** Ends the current progress line, so that what follows starts on a fresh one. */
  endStatus(): void;
}

/** For a process beside the one that speaks. */
export const silent: Terminal = {
  columns: 80,
  print() {},
  info() {},
  status() {},
  endStatus() {},
};

interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

// Milliseconds, where standard error is no terminal.
const FIRST_LINE = 10_000;
const NEXT_LINES = 60_000;

/** What was told once, by the stream that it went to. */
const toldOnce = new WeakMap<Stream, Set<string>>();

export function createTerminal(
  out: Stream,
  err: Stream,
  { quiet = false, now = Date.now }: { quiet?: boolean; now?: () => number } = {},
): Terminal {
  const live = Boolean(err.isTTY);
  const told = toldOnce.get(err) ?? new Set();
  toldOnce.set(err, told);
  let open = false;
  let due: number | undefined;
  let pending: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Prints the newest line when its time has come, also when no newer one comes for long. */
  const plainStatus = (): void => {
    clearTimeout(timer);
    if (pending === undefined) return;
    due ??= now() + FIRST_LINE;
    if (now() < due) {
      timer = setTimeout(plainStatus, due - now()).unref();
      return;
    }
    due = now() + NEXT_LINES;
    err.write(`${printable(pending)}\n`);
    pending = undefined;
  };
  const clear = (): void => {
    if (open) err.write("\r\x1b[2K");
    open = false;
  };
  return {
    columns: err.columns || 80, // a pseudo-terminal without a size says 0
    print(text) {
      clear();
      out.write(`${printableLines(text)}\n`);
    },
    info(text, { once = false } = {}) {
      if (quiet) return;
      if (once && told.has(text)) return;
      if (once) told.add(text);
      clear();
      err.write(`${printableLines(text)}\n`);
    },
    status(line) {
      if (quiet) return;
      if (live) {
        err.write(`\r\x1b[2K${printable(line)}`);
        open = true;
        return;
      }
      pending = line;
      plainStatus();
    },
    endStatus() {
      if (open) err.write("\n");
      open = false;
      pending = undefined;
      clearTimeout(timer);
    },
  };
}

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
