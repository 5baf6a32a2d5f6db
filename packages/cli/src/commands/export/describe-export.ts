import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ModelDescription } from "@csl/internal/model-description/model-description";
import type { ClassList } from "@csl/labels";
import { readClassDescriptions } from "@csl/openimages-loader";
import type { LocatedModel } from "../../models/locate-model.js";
import { sideOf, type WholeModel } from "../../models/open-model.js";
import { classesByNames } from "../../models/output-classes.js";
import { variantName } from "../../models/variants.js";
import { silent, type Terminal } from "../../terminal/terminal.js";
import {
  classesByThresholds,
  decisionRule,
  type ThresholdSource,
  thresholdSource,
} from "../../thresholds/decision-rule.js";
import { cardName } from "../train/write-model-card.js";
import type { ExportOptions } from "./export-flags.js";

/** What a model is called, decides by and says about itself, as `csl infer` would take it. */
export async function describeExport(
  file: WholeModel,
  located: LocatedModel,
  { thresholds, classNames, imageSize }: ExportOptions,
  terminal: Terminal,
): Promise<{ classes: ClassList; facts: Omit<ModelDescription, "format" | "preprocessing"> }> {
  const { model, path } = file;
  const source = await thresholdSource({ modelPath: path, ...(thresholds !== undefined && { thresholds }) });
  const known = classesByThresholds(path, { classes: file.classes, numClasses: model.numClasses }, source);
  const classes = await namedClasses({ ...file, classes: known }, classNames);
  const decided = "file" in source ? decisions(source, classes) : file.description;
  if ("file" in source) terminal.info(`thresholds: one per class, from ${source.path}`);
  else if (source.unused)
    terminal.info(
      `thresholds: ${source.unused.path} were chosen for another checkpoint and are left out; name the file with --thresholds to take them`,
    );
  else if (!decided) terminal.info("thresholds: none; csl evaluate --thresholds chooses them");
  return {
    classes,
    facts: {
      network: variantName(model.variant) ?? "tresnet",
      imageSize: sideOf(imageSize, file, terminal),
      classes: classes.ids.map((id, i) => ({
        ...{ id, name: classes.names[i]! },
        threshold: decided?.classes[i]?.threshold ?? null,
      })),
      temperature: decided?.temperature ?? 1,
      card: located.fetched ? "" : (await cardBeside(path)) || (file.description?.card ?? ""),
    },
  };
}

/** Thresholds of the score: those of a file are of the logit. */
function decisions(
  source: ThresholdSource,
  classes: ClassList,
): { classes: { threshold: number }[]; temperature: number } {
  // What it would tell is about the flags of csl infer.
  const { thresholds, temperature = 1 } = decisionRule(source, classes, silent);
  const scores = Array.from(thresholds, (logit) => 1 / (1 + Math.exp(-logit / temperature)));
  return { classes: scores.map((threshold) => ({ threshold })), temperature };
}

/** @throws CslError `mismatch` for a model that names no classes, without a file that does. */
async function namedClasses(
  { path, classes, outputNames, model }: WholeModel,
  classNames: string | undefined,
): Promise<ClassList> {
  if (classes || outputNames)
    return classesByNames({ path, classes, outputNames, model }, classes ? classNames : undefined);
  const count = model.numClasses;
  const wayOut = `Pass --class-names with a line id,name for each of its ${count} outputs, in their order.`;
  if (classNames === undefined)
    throw new CslError(
      "mismatch",
      `csl export: expected a model that names its classes, got ${path}, which does not. ${wayOut}`,
    );
  const listed = await readClassDescriptions(classNames);
  if (listed.size === count) return listed;
  throw new CslError(
    "mismatch",
    `csl export: expected a class for each of ${count} outputs of ${path}, got ${listed.size} in ${classNames}. ${wayOut}`,
  );
}

/** The model card of a run, of whose checkpoints the file is one. */
async function cardBeside(path: string): Promise<string> {
  if (!/^(best|last)\.safetensors$/.test(basename(path))) return "";
  const card = join(dirname(path), cardName);
  return (await stat(card).catch(() => undefined)) ? readFile(card, "utf8") : "";
}
