import { Sha256 } from "@csl/internal/bytes/sha256";
import { scanCsv } from "@csl/internal/csv/scan-csv";
import { CslError } from "@csl/internal/errors/csl-error";
import { errorAbout } from "@csl/internal/errors/error-about";
import { readText } from "@csl/internal/files/read-text";
import { type ClassList, classStatistics, type LabelTable } from "@csl/labels";
import { balancedClassWeights } from "@csl/partial-loss";
import type { Terminal } from "../../../terminal/terminal.js";

/** What `--class-weights` gave. */
export interface ChosenClassWeights {
  /** By class, in the order of the columns. */
  weights: Float32Array;
  /** For config.json: the range of the weights, and where they come from. */
  choice: { value: string; reason: string };
}

/**
 * Weights of the classes: `balanced` by the annotated positives of the training images, or those of a file, `id,weight` in
 * CSV or an object of JSON. Classes that a file leaves out weigh 1. The terminal is told the range.
 *
 * @throws CslError naming file and row when a class is unknown or repeated, or a weight no number of at least 0.
 */
export async function openClassWeights(
  classWeights: string | undefined,
  classes: ClassList,
  labels: LabelTable,
  terminal: Terminal,
): Promise<ChosenClassWeights | undefined> {
  if (classWeights === undefined) return undefined;
  const chosen =
    classWeights === "balanced" ? balanced(classes, labels) : await fromFile(classWeights, classes);
  const { weights, reason } = chosen;
  const order = [...weights.keys()].sort((a, b) => weights[a]! - weights[b]!);
  const [least, most] = [order[0]!, order.at(-1)!].map(
    (c) => `${Number(weights[c]!.toPrecision(3))} (${classes.names[c]})`,
  );
  const value = `${least} to ${most}`;
  terminal.info(`class weights: ${value}; ${reason}`);
  return { weights, choice: { value, reason } };
}

function balanced(classes: ClassList, labels: LabelTable): { weights: Float32Array; reason: string } {
  const { positives } = classStatistics(labels);
  const without = positives.filter((count) => count === 0).length;
  return {
    weights: balancedClassWeights(positives),
    reason:
      "balanced: all annotated positives / (classes that have any · the class's own), as scikit-learn's class_weight" +
      (without === 0 ? "" : `; ${without} of ${classes.size} classes have no positive and weigh 1`),
  };
}

async function fromFile(
  path: string,
  classes: ClassList,
): Promise<{ weights: Float32Array; reason: string }> {
  const about = `csl train: --class-weights ${path}`;
  const weights = new Float32Array(classes.size).fill(1);
  const seen = new Set<string>();
  for (const { where, id, weight } of await readRows(path, about)) {
    const refuse = (message: string): CslError =>
      new CslError("invalid-file", `${about}, ${where}: ${message}`);
    if (!classes.has(id)) throw refuse(classes.describeUnknown(id));
    if (seen.has(id)) throw refuse(`expected every class once, got "${id}" again.`);
    if (!(typeof weight === "number" && weight >= 0 && Number.isFinite(Math.fround(weight))))
      throw refuse(
        `expected a weight of at least 0 for "${id}", got ${JSON.stringify(weight) ?? "nothing"}.`,
      );
    seen.add(id);
    weights[classes.indexOf(id)] = weight;
  }
  if (!weights.some((weight) => weight > 0))
    throw new CslError("invalid-file", `${about}: expected a weight above 0, got 0 for all classes.`);
  const missing = classes.size - seen.size;
  const rest = missing === 0 ? "" : `; ${missing} of ${classes.size} classes are not in it and weigh 1`;
  return { weights, reason: `from ${path}${rest}` };
}

interface WeightRow {
  where: string;
  id: string;
  weight: unknown;
}

async function readRows(path: string, about: string): Promise<WeightRow[]> {
  try {
    const text = await readText(path);
    if (text.trimStart().startsWith("{"))
      return Object.entries(JSON.parse(text) as object).map(([id, weight]) => ({
        where: `"${id}"`,
        id,
        weight,
      }));
    const rows: WeightRow[] = [];
    for await (const { line, fields, bad } of scanCsv(path)) {
      if (bad || fields.length !== 2)
        throw new CslError(
          "invalid-file",
          `expected two fields in line ${line}, id and weight, got ${bad ? JSON.stringify(bad.text.slice(0, 40)) : fields.length}. A file begins with id,weight.`,
        );
      const [id, weight] = fields.map((field) => field.trim()) as [string, string];
      const isHeading = rows.length === 0 && weight.toLowerCase() === "weight";
      if (!isHeading)
        rows.push({ where: `line ${line}`, id, weight: weight === "" ? undefined : numberOrText(weight) });
    }
    return rows;
  } catch (error) {
    throw errorAbout(about, error, { code: error instanceof SyntaxError ? "invalid-file" : "cannot-read" });
  }
}

const numberOrText = (text: string): number | string => (Number.isNaN(Number(text)) ? text : Number(text));

/** A hash of the weights: whether a resume has the same, whatever their file is called. */
export function classWeightsHash({ weights }: ChosenClassWeights): string {
  return new Sha256().update(weights).hex();
}
