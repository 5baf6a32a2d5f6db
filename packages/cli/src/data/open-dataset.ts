import { type Dataset, type OpenDatasetOptions, openDataset as open } from "@csl/datasets";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { flagName, type GroupOptions } from "../flags/flag.js";
import type { datasetFlags } from "../flags/shared-flags.js";
import { type ShowProgress, startProgress } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";

export type DatasetOptions = GroupOptions<typeof datasetFlags>;

/** Opens `--data` as the other flags say; the terminal shows what it is and the progress of reading. */
export async function openDataset(
  { data, ...flags }: Pick<DatasetOptions, "data"> & Partial<DatasetOptions>,
  terminal: Terminal,
  more: Pick<OpenDatasetOptions, "classes" | "reportFolder" | "signal"> = {},
): Promise<Dataset> {
  const { dataset, images, onMissing, cocoImages, machineLabels, machineThreshold } = flags;
  const { trainableOnly, minimumSupport, expandHierarchy, valShare, splitSeed } = flags;
  let reading: { label: string; show: ShowProgress } | undefined;
  return open(data, {
    ...(dataset && { dataset }),
    ...(images !== undefined && { images }),
    ...(onMissing && { onMissing }),
    ...(cocoImages && { cocoImages }),
    ...(machineLabels !== undefined && { machineLabels }),
    ...(machineThreshold !== undefined && { machineThreshold }),
    ...(trainableOnly !== undefined && { trainableOnly }),
    ...(minimumSupport !== undefined && { minimumSupport }),
    ...(expandHierarchy !== undefined && { expandHierarchy }),
    ...(valShare !== undefined && { valShare }),
    ...(splitSeed !== undefined && { splitSeed }),
    ...more,
    speaker: "csl",
    optionName: (name) => `--${name === "path" ? "data" : flagName(name)}`,
    reporter: {
      note: (line) => terminal.info(line, { once: true }),
      progress(label, done, total) {
        if (label !== reading?.label) reading = { label, show: startProgress(terminal, { label }) };
        reading.show(done, total);
      },
      progressEnd() {
        reading = undefined;
        terminal.endStatus();
      },
    },
  }).catch((error: unknown) => {
    if (!isCslError(error, "not-found")) throw error;
    throw new CslError("not-found", `${error.message} Or draw a data set: csl scenes ${data}`, {
      cause: error,
    });
  });
}
