import type { TrainEvent } from "@csl/trainer";
import type { EventFile } from "./event-file.js";

/** Hands the lines of a run's log to TensorBoard's event files, where a person asked for them. */
export interface TensorboardWriter {
  record(event: TrainEvent, entry: unknown): Promise<void>;
  close(): Promise<void>;
}

/** Reads the protocol only where it is needed: other commands start without it. */
export function tensorboardWriter(folder: string, { wanted }: { wanted: boolean }): TensorboardWriter {
  let file: EventFile | undefined;
  return {
    async record(event, entry) {
      if (!wanted) return;
      if (event.type === "start") {
        const { openEventFile, removeEventFiles } = await import("./event-file.js");
        if (!event.resumed) await removeEventFiles(folder);
        file = await openEventFile(folder, { startStep: event.step });
      }
      await file?.add(entry);
    },
    async close() {
      await file?.close();
    },
  };
}
