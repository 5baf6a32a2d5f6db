import type { Context } from "../../flags/command.js";
import type { LocatedModel } from "../../models/locate-model.js";
import type { WholeModel } from "../../models/open-model.js";
import type { OutputKind } from "../../outputs/output-kinds.js";
import type { ExportOptions } from "./export-flags.js";

/** A model that is about to be written. */
export interface ExportJob {
  file: WholeModel;
  located: LocatedModel;
  options: ExportOptions;
  context: Context;
  out: string;
}

/** A form in which a model is written. */
export interface ExportFormat {
  /** What is written: by name in the folder --out, or under "" the file --out itself. */
  files: Readonly<Record<string, OutputKind>>;
  /** In ./outputs, where --out does not say it. */
  defaultName: string;
  /** @returns what to tell besides the path and size */
  write(job: ExportJob): Promise<string | undefined>;
}

/** As errors begin. */
export const speaker = "csl export";
