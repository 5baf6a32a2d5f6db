import { type Dataset, type DatasetKind, type OpenDatasetOptions, openDataset as open } from "@csl/datasets";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { progressLine } from "../terminal/progress-line.js";
import type { Terminal } from "../terminal/terminal.js";

/** The flags that say which data set it is and how to read it. */
export interface DatasetFlags {
  data: string;
  dataset?: DatasetKind | "auto";
  images?: string;
  onMissing?: "drop" | "fail";
  cocoImages?: "annotated" | "all";
  machineLabels?: boolean;
  machineThreshold?: number;
  trainableOnly?: boolean;
  minimumSupport?: number;
  expandHierarchy?: boolean;
}

/** Opens `--data` as the other flags say; the terminal shows what it is and the progress of reading. */
export async function openDataset(
  flags: DatasetFlags,
  terminal: Terminal,
  more: Pick<OpenDatasetOptions, "classes" | "reportFolder" | "signal"> = {},
): Promise<Dataset> {
  const { images, onMissing, cocoImages, machineLabels, machineThreshold } = flags;
  const { data, dataset, trainableOnly, minimumSupport, expandHierarchy } = flags;
  const given = { dataset, images, onMissing, cocoImages, machineLabels, machineThreshold };
  const chosen = { ...given, trainableOnly, minimumSupport, expandHierarchy, ...more };
  return open(data, {
    ...(Object.fromEntries(
      Object.entries(chosen).filter(([, value]) => value !== undefined),
    ) as OpenDatasetOptions),
    speaker: "csl",
    optionName: (name) =>
      name === "path" ? "--data" : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    reporter: {
      note: (line) => terminal.info(line),
      progress: (label, done, total) =>
        terminal.status(progressLine({ label, done, total }, { columns: terminal.columns })),
      progressEnd: () => terminal.endStatus(),
    },
  }).catch((error: unknown) => {
    if (!isCslError(error, "not-found")) throw error;
    throw new CslError("not-found", `${error.message} Or draw a data set: csl scenes ${data}`, {
      cause: error,
    });
  });
}
