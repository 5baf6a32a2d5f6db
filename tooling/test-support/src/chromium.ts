import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether Debian's chromium is here. */
export const hasChromium: boolean = spawnSync("chromium", ["--version"]).status === 0;

/** What a browser made of a page. */
export interface Opened {
  /** The document once its scripts have run. */
  dom: string;
  /** Every address that it asked a network for. */
  requests: string[];
}

/** Opens a page in headless Chromium, as on a phone or a desk. */
export function openInChromium(url: string, { width = 1280 }: { width?: number } = {}): Opened {
  const folder = mkdtempSync(join(tmpdir(), "chromium-"));
  const log = join(folder, "net.json");
  try {
    const { stdout, stderr, status } = spawnSync(
      "chromium",
      [
        ...["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${folder}`],
        ...["--disable-background-networking", "--disable-component-update", "--no-first-run"],
        ...[`--log-net-log=${log}`, `--window-size=${width},900`, "--dump-dom", url],
      ],
      { encoding: "utf8", maxBuffer: 2 ** 28, timeout: 120_000 },
    );
    if (status !== 0) throw new Error(`chromium ended with ${status}: ${stderr}`);
    // What the browser asks for itself, such as its updates, has no page that began it.
    const events = readFileSync(log, "utf8").split("\n");
    const started = events.filter(
      (line) => line.includes('"initiator":') && !line.includes('"not an origin"'),
    );
    const addresses = started.flatMap((line) => /"url":"((?:https?|wss?|ftp):[^"]*)"/.exec(line)?.[1] ?? []);
    return { dom: stdout, requests: [...new Set(addresses)] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
