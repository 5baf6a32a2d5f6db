import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** A page that is open in headless Chromium, and a person's keyboard. */
export interface DrivenPage {
  /** A letter, `Tab`, `Enter`, `ArrowLeft` … */
  press(...keys: string[]): Promise<void>;
  /** The value of an expression in the page. @throws Error what the page throws */
  evaluate<T>(expression: string): Promise<T>;
  /** The page as it is when it is opened again. */
  reload(): Promise<void>;
  /** A command of the developer tools' protocol: https://chromedevtools.github.io/devtools-protocol */
  send<T>(method: string, params?: object): Promise<T>;
  /** What the protocol tells by itself, once its domain is enabled: requests, for instance. */
  on<T>(event: string, listener: (params: T) => void): void;
  close(): Promise<void>;
}

const codes: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  ArrowLeft: 37,
  ArrowRight: 39,
  ArrowDown: 40,
};

interface DriveOptions {
  downloads: string;
  width?: number;
  height?: number;
  /** More of Chromium's own; default: no GPU. */
  flags?: readonly string[];
}

/** Opens a page in headless Chromium, by the protocol of its developer tools over a pipe. Downloads go to `downloads`. */
export async function driveChromium(
  url: string,
  { downloads, width = 1280, height = 900, flags = ["--disable-gpu"] }: DriveOptions,
): Promise<DrivenPage> {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const child = spawn(
    "chromium",
    [
      ...["--headless", "--no-sandbox", `--user-data-dir=${profile}`, "--remote-debugging-pipe", ...flags],
      ...["--disable-background-networking", "--disable-component-update", "--no-first-run"],
      ...[`--window-size=${width},${height}`, "about:blank"],
    ],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const waiting = new Map<number, (answer: { result?: unknown; error?: { message: string } }) => void>();
  const events: { name: string; happened: (params: never) => void }[] = [];
  let text = "";
  output.setEncoding("utf8").on("data", (piece: string) => {
    const messages = (text + piece).split("\0");
    text = messages.pop()!;
    for (const message of messages.map((one) => JSON.parse(one))) {
      waiting.get(message.id)?.(message);
      for (const { name, happened } of events) if (name === message.method) happened(message.params as never);
    }
  });
  let count = 0;
  let session: string | undefined;
  const send = async <T>(method: string, params: object = {}): Promise<T> => {
    const id = ++count;
    const answer = new Promise<{ result?: unknown; error?: { message: string } }>((resolve) => {
      waiting.set(id, resolve);
    });
    input.write(`${JSON.stringify({ id, method, params, ...(session && { sessionId: session }) })}\0`);
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  };
  const loaded = (): Promise<void> =>
    new Promise((resolve) => {
      const event = { name: "Page.loadEventFired", happened: resolve };
      events.push(event);
    });
  const { targetInfos } = await send<{ targetInfos: { targetId: string; type: string }[] }>(
    "Target.getTargets",
  );
  const { targetId } = targetInfos.find(({ type }) => type === "page")!;
  await send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
  session = (await send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true }))
    .sessionId;
  await send("Page.enable");
  // A window is never narrower than 500 pixels, a page of a telephone is.
  await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  let load = loaded();
  await send("Page.navigate", { url });
  await load;
  return {
    async press(...keys) {
      for (const key of keys) {
        const letter = key.length === 1 ? { text: key } : key === "Enter" ? { text: "\r" } : {};
        const code = codes[key] ?? key.toUpperCase().charCodeAt(0);
        const of = { key, windowsVirtualKeyCode: code, nativeVirtualKeyCode: code };
        await send("Input.dispatchKeyEvent", { type: "keyDown", ...of, ...letter });
        await send("Input.dispatchKeyEvent", { type: "keyUp", ...of });
      }
    },
    async evaluate<T>(expression: string): Promise<T> {
      const { result, exceptionDetails } = await send<{
        result: { value: T };
        exceptionDetails?: { text: string; exception?: { description?: string } };
      }>("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    async reload() {
      load = loaded();
      await send("Page.reload");
      await load;
    },
    send,
    on(name, happened) {
      events.push({ name, happened });
    },
    async close() {
      session = undefined;
      const ended = new Promise((resolve) => child.on("close", resolve));
      await send("Browser.close");
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
