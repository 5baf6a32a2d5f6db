import { mkdir, readFile, rm } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { createSyntheticRun } from "../../test/synthetic-run.js";
import { readReportData, reportDataName } from "./report-data.js";

const { at } = temporaryFolder();

/** The epoch of the validation that the written report shows. */
const shown = async (run: string): Promise<number | undefined> =>
  (await readReportData(at(run, reportDataName)))?.validation?.epoch;

it("a validation is written at once where writing is quick beside it", async () => {
  await mkdir(at("slow"));
  let time = 0;
  const run = createSyntheticRun(at("slow"), { classes: 4, now: () => (time += 10) });
  await run.start();
  time += 4000;
  await run.validate(0);
  expect(await shown("slow")).toBe(0);
});

it("writing takes half a percent of the time: quick validations are shown later, the last one at the end", async () => {
  await mkdir(at("quick"));
  let time = 0;
  // Looking at the clock takes 10 ms, and so does writing, between two looks.
  const run = createSyntheticRun(at("quick"), { classes: 4, now: () => (time += 10) });
  await run.start();
  time += 1100;
  await run.validate(0);
  expect(await shown("quick")).toBeUndefined();
  time += 1100;
  await run.steps(1);
  expect(await shown("quick")).toBe(0);
  time += 1100;
  await run.validate(1);
  expect(await shown("quick")).toBe(0);
  await run.end();
  expect(await shown("quick")).toBe(1);
});

it("a page that cannot be written is reported, and tried the next time", async () => {
  await mkdir(at("taken"));
  const told: string[] = [];
  const run = createSyntheticRun(at("taken"), { classes: 4, tell: (message) => told.push(message) });
  await run.start();
  await rm(at("taken", "report.html"));
  // A folder of its name: as a full disk, or another program that holds the file.
  await mkdir(at("taken", "report.html"));
  await run.steps(0);
  await run.validate(0);
  await run.end();
  expect(told[0]).toMatch(/cannot write .*report\.html: .* The training goes on/);
  await rm(at("taken", "report.html"), { recursive: true });
  await run.end();
  expect(await readFile(at("taken", "report.html"), "utf8")).toContain("<h2>Classes</h2>");
});
