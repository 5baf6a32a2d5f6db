import { join } from "node:path";
import { type Context, defineCommand } from "../../flags/command.js";
import { folder, integer, type OptionsOf, toggle } from "../../flags/flag.js";
import { overwriteFlag } from "../../flags/shared-flags.js";
import { claimOutputs } from "../../outputs/claim-outputs.js";
import { outputKinds } from "../../outputs/output-kinds.js";
import { reportName } from "../../report/report-data.js";
import { writeReportPage } from "../../report/write-report-page.js";
import { serveReport } from "./serve-report.js";
import { writeChartImages } from "./write-chart-images.js";

const flags = {
  Report: {
    serve: toggle("show it to browsers of this machine, again whenever it changes, until Ctrl-C"),
    port: integer("with --serve: the port; default: a free one", { from: 1, to: 65_535, needs: "serve" }),
    images: folder("also write some charts and the gallery into this folder, as PNG", { writes: "folder" }),
    overwrite: overwriteFlag,
  },
};

/** `csl report`: the page of a run, which trainings write themselves, again or while it is watched. */
export const reportCommand = defineCommand({
  name: "report",
  summary:
    "a run's curves, classes, prior, ignored entries and gallery as one HTML file, or served while it trains",
  positional: { name: "run", many: false, description: "the folder of csl train or csl run (--path-dest)" },
  flags,
  run: report,
});

async function report(
  { serve, port = 0, images, overwrite }: OptionsOf<typeof flags>,
  { terminal, signal }: Context,
  [run]: readonly string[],
): Promise<void> {
  const path = join(run!, reportName);
  await claimOutputs("csl report", [{ path, flag: "the report", kind: outputKinds.reportPage }], {
    inputs: [],
    overwrite,
  });
  const { complete } = await writeReportPage(run!);
  if (!complete)
    terminal.info(
      "the run is of a version that left no report-data.json: the report has what its log says, without classes and gallery.",
    );
  terminal.print(path);
  if (images !== undefined)
    for (const image of await writeChartImages(run!, images, { overwrite })) terminal.print(image);
  if (serve)
    await serveReport(run!, {
      port,
      signal,
      onListening: (url) => terminal.print(`${url}  (Ctrl-C ends it)`),
    });
}
