/** Where a command's words go. Results are printed even in quiet mode; narration and progress are not. */
export interface Terminal {
  readonly columns: number;
  /** A result: what the person asked for. Standard output. */
  print(text: string): void;
  /** Narration: what is being done and why. Standard error, silent when quiet. */
  info(text: string): void;
  /** Progress, replaced by the next one on a terminal; elsewhere one line every five seconds, none for short work. */
  status(line: string): void;
  /** Ends the current progress line, so that what follows starts on a fresh one. */
  endStatus(): void;
}

interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

const PLAIN_STATUS_INTERVAL = 5_000; // milliseconds

export function createTerminal(
  out: Stream,
  err: Stream,
  { quiet = false, now = Date.now }: { quiet?: boolean; now?: () => number } = {},
): Terminal {
  const live = Boolean(err.isTTY);
  let open = false;
  let lastPlain: number | undefined;
  let printed = false;
  let pending = "";
  const clear = (): void => {
    if (open) err.write("\r\x1b[2K");
    open = false;
  };
  return {
    columns: err.columns || 80, // a pseudo-terminal without a size says 0
    print(text) {
      clear();
      out.write(`${text}\n`);
    },
    info(text) {
      if (quiet) return;
      clear();
      err.write(`${text}\n`);
    },
    status(line) {
      if (quiet) return;
      if (live) {
        err.write(`\r\x1b[2K${line}`);
        open = true;
        return;
      }
      pending = line;
      lastPlain ??= now();
      if (now() - lastPlain < PLAIN_STATUS_INTERVAL) return;
      lastPlain = now();
      printed = true;
      pending = "";
      err.write(`${line}\n`);
    },
    endStatus() {
      if (open) err.write("\n");
      else if (printed && pending !== "") err.write(`${pending}\n`);
      open = false;
      printed = false;
      pending = "";
      lastPlain = undefined;
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
