import { readFileSync, statSync, writeFileSync } from "node:fs";
import { hasChromium, openInChromium } from "@csl/test-support/chromium";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { hostileName, writeSyntheticReport } from "../../test/synthetic-run.js";
import { readReportData } from "./report-data.js";
import { reportPage } from "./report-page.js";
import { RunHistory } from "./run-history.js";
import { writeReportPage } from "./write-report-page.js";

if (!hasChromium) console.log("no chromium here (apt-get install chromium): report.html is not opened");

const { at } = temporaryFolder();
const classes = 600;

describe("report.html of a run with 600 classes, one of which has markup in its name", () => {
  beforeAll(() => writeSyntheticReport(at("run"), { classes }));

  it("has every part, and less than 1.5 MB", () => {
    const text = readFileSync(at("run", "report.html"), "utf8");
    const titles = [...text.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      ...["Summary", "Curves", "Classes", "Prior", "Ignored entries", "Calibration", "Gallery", "Confusion"],
      ...["Data", "Machine and settings"],
    ]);
    expect(statSync(at("run", "report.html")).size).toBeLessThan(1.5e6);
    expect(text).not.toContain("<img src=x");
    expect(text).not.toMatch(/https?:\/\//);
  });

  it("comes out the same from report-data.json and the log", async () => {
    const before = readFileSync(at("run", "report.html"), "utf8");
    const section = (text: string, id: string): string | undefined =>
      new RegExp(`<section id="${id}">(.*?)</section>`, "s").exec(text)?.[1];
    await expect(writeReportPage(at("nothing"))).rejects.toThrow(/expected the folder of a training/);
    writeFileSync(at("run", "log.jsonl"), "");
    await writeReportPage(at("run"));
    const after = readFileSync(at("run", "report.html"), "utf8");
    for (const id of [
      "classes",
      "prior",
      "ignored",
      "calibration",
      "gallery",
      "confusion",
      "data",
      "settings",
    ])
      expect(section(after, id)).toBe(section(before, id));
  });

  it.skipIf(!hasChromium)("a request of a page would be seen: a page that makes one", () => {
    const address = "http://127.0.0.1:9/x.png";
    writeFileSync(at("request.html"), `<img src="${address}">`);
    expect(openInChromium(`file://${at("request.html")}`).requests).toEqual([address]);
  });

  it.skipIf(!hasChromium).each([390, 1280])(
    "opens %d wide: no request, names as text, long tables short",
    (width) => {
      const { dom, requests } = openInChromium(`file://${at("run", "report.html")}`, { width });
      expect(requests).toEqual([]);
      expect(dom).toContain("<title>Training report</title>");
      expect(dom).not.toContain("<img src=x");
      const escaped = hostileName.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
      expect(dom).toContain(escaped);
      // The script has taken the tables over: they say how many rows there are, and have elements for some.
      expect(dom).toContain(`${classes} rows`);
      const table = /data-table="class-table".*?<\/table>/s.exec(dom)![0];
      expect(table.match(/<tr/g)!.length).toBeLessThan(120);
    },
  );
});

it("numbers that are none are dashes: scores that are NaN, a validation without images, classes without an entry", async () => {
  await writeSyntheticReport(at("none"), { classes: 2 });
  const data = (await readReportData(at("none", "report-data.json")))!;
  const history = new RunHistory();
  history.add({ type: "step", step: 1, lossPerImage: Number.NaN, lr: null, gradientNorm: 1 / 0 });
  const none = { mapC: Number.NaN, mapO: null };
  history.add({
    ...{ type: "validation", epoch: 0, raw: none, ema: none },
    best: { score: Number.NaN, weights: "raw", epoch: 0 },
  });
  const [facts, validation] = [data.facts, data.validation!];
  Object.assign(validation, { ap: [null, null], decisions: [null, null], reliability: [], confused: [] });
  Object.assign(validation, { images: 0, positives: [0, 0], negatives: [0, 0] });
  for (const kind of ["hits", "misses", "falseAlarms", "surprises"] as const) validation.gallery[kind] = [];
  for (const split of [facts.training, facts.validation])
    Object.assign(split, { images: 0, positives: [0, 0], negatives: [0, 0] });
  expect(reportPage(history, data)).not.toMatch(/NaN|undefined|Infinity|null %/);
});
