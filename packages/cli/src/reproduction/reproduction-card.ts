import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { readText } from "@csl/internal/files/read-text";
import { parseJson } from "@csl/internal/json/parse-json";
import { formats } from "../outputs/output-kinds.js";
import type { ImageRecord } from "./image-record.js";
import type { LabelRecord } from "./label-record.js";
import type { WeightsRecord } from "./weights-record.js";

/** The reproduction card of a run, beside its checkpoints. */
export const reproductionName = "reproduction.json";

/** The code and the machine that a run was computed with. */
export interface Surroundings {
  /** The version of @csl/cli, and where it runs from a repository, the commit. */
  csl: string;
  commit: string | null;
  node: string;
  platform: string;
  engine: string;
  device: string;
  engineVersion: string;
}

/** A split as a run read it. */
export interface SplitRecord {
  split: string;
  labels: LabelRecord;
  images: ImageRecord;
}

/** Scores of the best weights on the validation split, by class id. */
export interface RecordedScores {
  mapC: number;
  mapO: number;
  /** Null for a class without a score. */
  ap: Record<string, number | null>;
}

/** What `csl verify` compares with. Everything that decides the run's result is in config.json or here by its hash. */
export interface ReproductionCard {
  format: string;
  /** The command line that gives the run again. */
  command: string[];
  surroundings: Surroundings;
  seeds: { seed: number; splitSeed: number };
  training: SplitRecord;
  validation: SplitRecord;
  /** SHA-256 of what else was read: class prior, class weights, embeddings, the weights that it started from. */
  inputs: Record<string, string>;
  /** Of best.safetensors. */
  weights: WeightsRecord;
  scores: RecordedScores;
}

/** @throws CslError `not-found` without a card, `invalid-file` for another file. */
export async function readReproductionCard(folder: string): Promise<ReproductionCard> {
  const path = join(folder, reproductionName);
  const text = await readText(path).catch((cause: unknown) => {
    throw new CslError(
      "not-found",
      `csl verify: expected a run with ${reproductionName}, got ${folder} without one: it was trained by an earlier version, or has no best weights yet. Train it again.`,
      { cause },
    );
  });
  let card: Partial<ReproductionCard> | undefined;
  try {
    card = parseJson(text) as Partial<ReproductionCard>;
  } catch {
    card = undefined;
  }
  if (
    card?.format !== formats.reproduction ||
    !card.weights ||
    !card.scores ||
    !card.validation ||
    !card.training
  )
    throw new CslError(
      "invalid-file",
      `csl verify: expected ${path} to be the reproduction card of a run, got another file. Train the run again.`,
    );
  return card as ReproductionCard;
}
