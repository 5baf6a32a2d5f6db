import { join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError, type CslErrorCode, isCslError } from "@csl/internal/errors/csl-error";
import { readText } from "@csl/internal/files/read-text";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { parseJson } from "@csl/internal/json/parse-json";
import {
  classStatistics,
  expectSameClasses,
  type LabelTable,
  readLabelTable,
  writeLabelTable,
} from "@csl/labels";
import type { Simulation, SimulationManifest } from "./simulate.js";

const FORMAT = "csl-simulation";
const VERSION = 1;
const LABELS = "labels.csl";
const MANIFEST = "simulation.json";

/**
 * Writes `labels.csl` and, after it, `simulation.json` (scheme, parameters, seed, hashes, counts), each whole or not at
 * all. A run that is killed between the two leaves labels that do not match an older manifest; loading refuses them.
 */
export async function saveSimulation(folder: string, { table, manifest }: Simulation): Promise<void> {
  await writeLabelTable(join(folder, LABELS), table);
  const { positives, negatives } = classStatistics(table);
  const sum = (counts: Uint32Array): number => counts.reduce((total, n) => total + n, 0);
  const { scheme, params, seed, truthHash, hash } = manifest;
  const content = {
    format: FORMAT,
    version: VERSION,
    ...{ scheme, params, seed, truthHash, hash },
    samples: table.numSamples,
    classes: table.numClasses,
    positives: sum(positives),
    negatives: sum(negatives),
  };
  await writeFileAtomically(
    join(folder, MANIFEST),
    `${JSON.stringify(content, null, 2)}\n`,
    "saveSimulation",
  );
}

/**
 * Reads a saved simulation and checks that the labels are those of the manifest and, when `truth` is given, that they
 * were drawn from it: the prior phase and the training phase then see the same labels, or an error.
 *
 * @throws CslError `not-found`, `invalid-file`, or `mismatch` when labels, manifest and truth do not belong together.
 */
export async function loadSimulation(
  folder: string,
  options: { truth?: LabelTable } = {},
): Promise<Simulation> {
  checkOptions("loadSimulation", options, { truth: true });
  const { truth } = options;
  const manifest = await readManifest(join(folder, MANIFEST));
  const table = await readLabelTable(join(folder, LABELS));
  const expected = (what: string, way: string): CslError =>
    new CslError("mismatch", `loadSimulation: ${folder}: expected ${what}. ${way}`);
  if (table.hash() !== manifest.hash) {
    throw expected(
      `labels with hash ${short(manifest.hash)} as ${MANIFEST} says, got ${short(table.hash())}`,
      "The two files are of different runs; simulate again.",
    );
  }
  if (truth) {
    expectSameClasses(truth.classes, table.classes, "loadSimulation");
    if (truth.hash() !== manifest.truthHash) {
      throw expected(
        `a simulation of the truth ${short(truth.hash())} (${truth.numSamples} samples), got one of ${short(manifest.truthHash)} (${table.numSamples} samples)`,
        "It was drawn from another file or another image set; simulate again.",
      );
    }
  }
  return { table, manifest };
}

async function readManifest(path: string): Promise<SimulationManifest> {
  const expected = (what: string, cause?: unknown, code: CslErrorCode = "invalid-file"): CslError =>
    new CslError(code, `loadSimulation: expected ${what}. Save one with saveSimulation.`, { cause });
  let text: string;
  try {
    text = await readText(path);
  } catch (cause) {
    if (isCslError(cause)) throw expected(`a manifest at ${path}: ${cause.message}`, cause);
    const { code = "an error" } = cause as NodeJS.ErrnoException;
    throw expected(
      `a manifest at ${path}, got ${code}`,
      cause,
      code === "ENOENT" ? "not-found" : "cannot-read",
    );
  }
  let content: Partial<SimulationManifest & { format: string; version: number }> | null;
  try {
    content = parseJson(text) as typeof content;
  } catch (cause) {
    throw expected(`JSON in ${path}, got ${text === "" ? "an empty file" : (cause as Error).message}`, cause);
  }
  if (content?.format !== FORMAT || content.version !== VERSION) {
    throw expected(
      `${FORMAT} version ${VERSION} in ${path}, got ${content?.format ?? "something else"} ${content?.version ?? ""}`,
    );
  }
  const { scheme, params, seed, truthHash, hash } = content;
  const whole =
    typeof scheme === "string" &&
    typeof seed === "number" &&
    typeof truthHash === "string" &&
    typeof hash === "string";
  if (!whole || typeof params !== "object")
    throw expected(`scheme, params, seed and hashes in ${path}, got a part of them`);
  return { scheme, params, seed, truthHash, hash };
}

const short = (hash: string): string => hash.slice(0, 12);
