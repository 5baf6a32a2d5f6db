import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { hasChromium } from "@csl/test-support/chromium";
import { driveChromium } from "@csl/test-support/drive-chromium";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { createSyntheticRun, writeSyntheticReport } from "../../../test/synthetic-run.js";
import { runCommand } from "../../run-command.js";
import { serveReport } from "./serve-report.js";

const { at } = temporaryFolder();

async function csl(...args: string[]): Promise<string> {
  let printed = "";
  await runCommand(args, {
    out: { write: (text: string) => (printed += text) },
    err: { write: () => {} },
  });
  return printed;
}

beforeAll(async () => {
  await writeSyntheticReport(at("run"), { classes: 12 });
  await writeFile(
    at("run", "log.jsonl"),
    '{"type":"start","epochs":2,"steps":4,"parameters":1000000,"epoch":0,"step":0}\n',
  );
});

describe("csl report", () => {
  it("writes the page of a run again, and its charts as PNG", async () => {
    await writeFile(
      at("run", "report.html"),
      (await readFile(at("run", "report.html"), "utf8")).slice(0, 900),
    );
    expect(await csl("report", at("run"), "--images", at("images"))).toBe(
      [at("run", "report.html"), at("images", "charts.png"), at("images", "gallery.png"), ""].join("\n"),
    );
    expect(await readFile(at("run", "report.html"), "utf8")).toMatch(/<\/html>\s*$/);
    const { width, height, format } = await sharp(at("images", "charts.png")).metadata();
    expect([format, width! > 900, height! > 500]).toEqual(["png", true, true]);
  });

  it("refuses a folder of something else, and leaves a page of something else", async () => {
    await expect(csl("report", at("images"))).rejects.toThrow(
      /expected the folder of a training .* or of csl run/,
    );
    await writeSyntheticReport(at("other"), { classes: 3 });
    await writeFile(at("other", "log.jsonl"), "");
    await writeFile(at("other", "report.html"), "<html>mine</html>");
    await expect(csl("report", at("other"))).rejects.toThrow(/something else/);
    expect(await readFile(at("other", "report.html"), "utf8")).toBe("<html>mine</html>");
  });

  it("writes the page of csl run, which links those of its trainings", async () => {
    await writeSyntheticReport(at("method", "csl"), { classes: 3 });
    await writeFile(at("method", "csl", "log.jsonl"), "");
    const record = { format: "csl-run", recipe: "<i>own", steps: { csl: { state: "started" } } };
    await writeFile(at("method", "run.json"), JSON.stringify(record));
    await csl("report", at("method"));
    const text = await readFile(at("method", "report.html"), "utf8");
    expect(text).toContain('<a href="csl/report.html">');
    expect(text).toContain("&lt;i&gt;own");
  });
});

describe("csl report --serve", () => {
  it("serves the reports alone, to this machine's own name, and says when one changes", async () => {
    const stop = new AbortController();
    let listening: (url: string) => void = () => {};
    const url = new Promise<string>((resolve) => {
      listening = resolve;
    });
    const served = serveReport(at("run"), { port: 0, signal: stop.signal, onListening: listening });
    const base = await url;
    const page = await (await fetch(base)).text();
    expect(page).toContain("connect-src 'self'");
    expect(page).toContain("EventSource");
    expect((await fetch(`${base}log.jsonl`)).status).toBe(404);
    expect((await fetch(`${base}csl/report.html`)).status).toBe(404);
    expect((await fetch(base, { method: "POST" })).status).toBe(405);
    const changes = (await fetch(`${base}changes`)).body!.getReader();
    await changes.read();
    await utimes(at("run", "report.html"), new Date(), new Date(Date.now() + 5000));
    const { value } = await changes.read();
    expect(new TextDecoder().decode(value)).toBe("data: changed\n\n");
    stop.abort();
    await served;
  });

  it.skipIf(!hasChromium)("an open page shows new numbers by itself while the run goes on", async () => {
    await mkdir(at("watched"));
    const run = createSyntheticRun(at("watched"), { classes: 3 });
    await run.start();
    const stop = new AbortController();
    let listening: (url: string) => void = () => {};
    const url = new Promise<string>((resolve) => {
      listening = resolve;
    });
    const served = serveReport(at("watched"), { port: 0, signal: stop.signal, onListening: listening });
    const page = await driveChromium(await url, { downloads: at() });
    try {
      const shown = (): Promise<string | undefined> =>
        page.evaluate(
          "document.querySelector('header .note')?.textContent + (document.getElementById('classes') ? ', classes' : '')",
        );
      expect(await shown()).toContain("running");
      expect(await shown()).not.toContain("classes");
      await run.steps(0);
      await run.validate(0);
      await run.steps(1);
      await run.validate(1);
      await run.end();
      // A page that is just being loaded again has no header.
      let text = "";
      for (let i = 0; i < 100 && !text.includes("finished"); i++) {
        await sleep(50);
        text = (await shown().catch(() => undefined)) ?? "";
      }
      expect(text).toMatch(/finished.*, classes/);
    } finally {
      await page.close();
      stop.abort();
      await served;
    }
  });
});
