import { join } from "node:path";
import type { GivenFlags } from "../../flags/config-file.js";
import { type AnyFlag, rowsOf } from "../../flags/flag.js";
import { requireFitting } from "../../flags/read-flags.js";
import { type LossName, losses } from "../train/loss/losses.js";
import { trainFlags } from "../train/train-flags.js";
import { type Recipe, type Section, sections } from "./read-recipe.js";

/** One command of a run. */
export interface Step {
  /** As run.json and messages call it. */
  name: string;
  section: Section;
  /** What it is for, in a sentence. */
  why: string;
  /** Everything that is given to the command, by flag. */
  flags: GivenFlags;
  /** Files that it leaves; all are there once it has finished. */
  outputs: readonly string[];
  /** Files of earlier steps and of the person: it is done again when the content of one changes. */
  inputs: readonly string[];
  /** A training: the checkpoint that an unfinished one continues from. */
  checkpoint?: string;
}

/** `--loss` and the flags that mean something with one loss only. */
const ofLoss = new Map<string, AnyFlag>(
  rowsOf(trainFlags).filter(([name, { more }]) => name === "loss" || more.onlyWith?.flag === "loss"),
);

/** The flags that mean something with one head only. */
const ofHead = rowsOf(trainFlags).filter(([, { more }]) => more.onlyWith?.flag === "head");

/** What a person types, by flag, and where the run is. */
export interface RunChoices {
  recipe: Recipe;
  given: GivenFlags;
  /** The folder of the run. */
  out: string;
  /** Train in Negative mode as well, with the same budget, to compare. */
  compare: boolean;
  /** With `--partial-loss-mode auto`: the mode that the diagnosis recommends; until it is there, selective. */
  recommended?: string | undefined;
}

/** The step that recommends a mode. */
export const diagnosis = "diagnosis";

/** As `--model-path`: random weights, where a recipe names some. */
export const randomWeights = "none";

/**
 * The commands of the whole method, in order: (simulate) → (diagnose) → temporary model → prior → CSL → evaluate, with thresholds.
 * What a person gives has priority over the recipe's section, and that over what the recipe shares. Flags of the loss
 * that are given are for CSL: what makes the temporary model and the comparison is fixed.
 */
export function planSteps({ recipe, given, out, compare, recommended }: RunChoices): Step[] {
  const at = (...parts: string[]): string => join(out, ...parts);
  const loss = (given.loss ?? recipe.csl.loss ?? recipe.shared.loss ?? "csl") as LossName;
  const head = given.head ?? recipe.csl.head ?? recipe.shared.head ?? "linear";
  requireFitting("csl run", [...ofLoss, ...ofHead], { loss, head }, (name) => given[name] !== undefined);
  /** The flags that a section's command knows, of all that are given. */
  const flagsFor = (section: Section, more: GivenFlags): Record<string, unknown> => {
    const names = rowsOf(sections[section]).map(([name]) => name);
    const choose = (flags: GivenFlags, keep: (name: string) => boolean) =>
      Object.fromEntries(Object.entries(flags).filter(([name]) => names.includes(name) && keep(name)));
    const lossIsFixed = section === "temporary" || section === "negative";
    const mine = (name: string): boolean => !(lossIsFixed && ofLoss.has(name));
    // A recipe's settings of csl mean nothing to the loss that was asked for in its place.
    const fits = (name: string): boolean =>
      section !== "csl" || (ofLoss.get(name)?.more.onlyWith?.values.includes(loss) ?? true);
    return {
      ...choose(recipe.shared, (name) => mine(name) && fits(name)),
      ...choose(recipe[section], fits),
      ...choose(given, mine),
      ...more,
    };
  };
  const simulated =
    flagsFor("simulate", {})["simulate-partial-type"] !== undefined && given.labels === undefined;
  const labels = simulated ? at("labels") : (given.labels ?? recipe.shared.labels);
  const withLabels: GivenFlags = labels === undefined ? {} : { labels };
  const own = (flags: GivenFlags, names: readonly string[]): string[] =>
    names.flatMap((name) => (typeof flags[name] === "string" ? [flags[name] as string] : []));

  const training = (section: Section, folder: string, why: string, more: GivenFlags): Step => {
    const flags: Record<string, unknown> = {
      ...flagsFor(section, { ...more, ...withLabels, "path-dest": at(folder) }),
    };
    for (const flag of ["simulate-partial-type", "simulate-partial-param"]) delete flags[flag];
    if (flags["model-path"] === randomWeights) delete flags["model-path"];
    return {
      name: folder,
      section,
      why,
      flags,
      outputs: [at(folder, "best.safetensors"), at(folder, "result.json")],
      inputs: own(flags, [
        ...["data", "labels", "model-path", "prior-path", "class-embeddings"],
        ...(flags["class-weights"] === "balanced" ? [] : ["class-weights"]),
      ]),
      checkpoint: at(folder, "last.safetensors"),
    };
  };
  const scoring = (folder: string, more: GivenFlags): Step => {
    const flags = flagsFor("evaluate", {
      "model-path": at(folder, "best.safetensors"),
      json: at(folder, "evaluation.json"),
      "per-class-csv": at(folder, "evaluation-per-class.csv"),
      ...more,
    });
    delete flags.labels;
    return {
      name: `evaluate ${folder}`,
      section: "evaluate",
      why: `Score ${folder} on the ${flags.split ?? "val"} split.`,
      flags,
      outputs: [at(folder, "evaluation.json")],
      inputs: own(flags, ["data", "model-path", "class-embeddings"]),
    };
  };

  const steps: Step[] = [];
  if (simulated) {
    const flags = flagsFor("simulate", { out: at("labels") });
    steps.push({
      name: "labels",
      section: "simulate",
      why: "Drop labels, to know what the method makes of incomplete ones.",
      flags,
      outputs: [at("labels", "labels.csl"), at("labels", "simulation.json")],
      inputs: own(flags, ["data"]),
    });
  }
  const asked = loss === "csl" ? (flagsFor("csl", {})["partial-loss-mode"] ?? "selective") : undefined;
  const mode = asked === "auto" ? (recommended ?? "selective") : asked;
  if (asked === "auto") {
    const flags = flagsFor("diagnose", { ...withLabels, json: at("diagnosis.json") });
    steps.push({
      name: diagnosis,
      section: "diagnose",
      why: "Look at the labels, to choose the mode.",
      flags,
      outputs: [at("diagnosis.json")],
      inputs: own(flags, ["data", "labels"]),
    });
  }
  if (mode === "selective") {
    steps.push(
      training("temporary", "temporary", "Train the temporary model: un-annotated entries are ignored.", {
        "partial-loss-mode": "ignore",
        "gamma-pos": 0,
        "gamma-neg": 0,
        clip: 0,
      }),
    );
    const flags = flagsFor("estimate-prior", {
      "model-path": at("temporary", "best.safetensors"),
      out: at("prior.json"),
      json: at("prior-report.json"),
    });
    steps.push({
      name: "prior",
      section: "estimate-prior",
      why: "Estimate the class prior: the temporary model's mean prediction on the training images.",
      flags,
      outputs: [at("prior.json"), at("prior-report.json")],
      inputs: own(flags, ["data", "model-path", "class-embeddings"]),
    });
  }
  steps.push(
    training(
      "csl",
      "csl",
      mode === undefined
        ? `Train with --loss ${loss}, which needs no prior. ${losses[loss].summary}.`
        : mode === "selective"
          ? "Train CSL with that prior."
          : `Train in ${mode} mode, which needs no prior.`,
      {
        ...(asked && { "partial-loss-mode": asked }),
        ...(mode === "selective" && { "prior-path": at("prior.json") }),
      },
    ),
  );
  if (compare)
    steps.push(
      training("negative", "negative", "Train in Negative mode on the same budget, to compare.", {
        "partial-loss-mode": "negative",
        "gamma-pos": 0,
        "gamma-neg": 0,
        "gamma-unann": 0,
        clip: 0,
      }),
    );
  if (mode === "selective") steps.push(scoring("temporary", {}));
  steps.push(scoring("csl", { thresholds: at("csl", "thresholds.json") }));
  if (compare) steps.push(scoring("negative", {}));
  return steps;
}
