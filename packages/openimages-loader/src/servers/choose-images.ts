import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { Random } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { Label, type LabelTable } from "@csl/labels";

export type ChooseOptions = {
  /** Only samples with a label of one of these classes (by id). Default: all samples. */
  classes?: readonly string[];
  /** Which labels of those classes count. Default "positive". */
  label?: "positive" | "annotated";
  /** Enough samples for so many of each class; a sample counts for all its classes. */
  perClass?: number;
  /** Only these samples; those that the table does not have are in `unknown`. */
  ids?: Iterable<string>;
  /** At most so many. */
  count?: number;
  /** Draws which ones; without it the first ones in the table's order are taken. */
  random?: Random;
};

export type Choice = {
  /** Positions in the table, ascending. */
  samples: Uint32Array;
  /** Ids asked for that the table does not have. */
  unknown: string[];
};

/**
 * Chooses samples of a table by class, number and id, e.g. the images to fetch. All conditions hold at once.
 *
 * @throws CslError for an unknown class id, with near matches, and for a number below 1
 */
export function chooseImages(table: LabelTable, options: ChooseOptions = {}): Choice {
  checkOptions("chooseImages", options, {
    classes: true,
    label: true,
    perClass: true,
    ids: true,
    count: true,
    random: true,
  });
  const { classes, label = "positive", perClass, ids, count, random } = options;
  for (const [name, value] of Object.entries({ count, perClass })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1))
      throw new CslError(
        "invalid-argument",
        `chooseImages: expected ${name} to be at least 1, got ${value}.`,
      );
  }
  if (perClass !== undefined && !classes)
    throw new CslError(
      "invalid-argument",
      "chooseImages: expected classes together with perClass, got none.",
    );
  const wanted = classes?.map((id) => table.classes.indexOf(id));
  const { listed, unknown } = lookUp(table, ids);
  const eligible = wanted ? withClass(table, wanted, label) : undefined;

  const order = random && (count || perClass) ? shuffledIndices(table.numSamples, random) : undefined;
  const chosen: number[] = [];
  const isNeeded = wanted && perClass !== undefined ? needs(table, wanted, { perClass, label }) : undefined;
  for (let i = 0; i < table.numSamples && chosen.length < (count ?? Infinity); i++) {
    const sample = order ? order[i]! : i;
    if ((eligible && !eligible[sample]) || (listed && !listed[sample])) continue;
    if (isNeeded && !isNeeded(sample)) continue;
    chosen.push(sample);
  }
  return { samples: Uint32Array.from(chosen).sort(), unknown };
}

function lookUp(table: LabelTable, ids: Iterable<string> | undefined) {
  const unknown: string[] = [];
  if (!ids) return { listed: undefined, unknown };
  const listed = new Uint8Array(table.numSamples);
  for (const id of ids) {
    const sample = table.sampleIds.indexOf(id);
    if (sample < 0) unknown.push(id);
    else listed[sample] = 1;
  }
  return { listed, unknown };
}

function withClass(table: LabelTable, wanted: readonly number[], label: string): Uint8Array {
  const isWanted = new Uint8Array(table.numClasses);
  for (const classIndex of wanted) isWanted[classIndex] = 1;
  const eligible = new Uint8Array(table.numSamples);
  // Stored cells are enough where the default is un-annotated; a default that counts makes every sample eligible.
  if (label === "annotated" && table.defaultLabel !== Label.Unannotated) return eligible.fill(1);
  table.forEachEntry((sample, classIndex, value) => {
    if (isWanted[classIndex] && counts(value, label)) eligible[sample] = 1;
  });
  return eligible;
}

/** Tells whether some class of a sample has too few yet, and then counts the sample for all its classes. */
function needs(
  table: LabelTable,
  wanted: readonly number[],
  { perClass, label }: { perClass: number; label: string },
): (sample: number) => boolean {
  // How many each class still lacks; the other classes lack none, however many there are.
  const lacks = new Float64Array(table.numClasses).fill(Number.NEGATIVE_INFINITY);
  for (const classIndex of wanted) lacks[classIndex] = perClass;
  const stored = !counts(table.defaultLabel, label);
  return (sample) => {
    const own: number[] = [];
    if (stored) {
      const { classes, labels } = table.row(sample);
      classes.forEach((classIndex, i) => {
        if (counts(labels[i] as Label, label)) own.push(classIndex);
      });
    } else own.push(...wanted.filter((classIndex) => counts(table.label(sample, classIndex), label)));
    if (!own.some((classIndex) => lacks[classIndex]! > 0)) return false;
    for (const classIndex of own) lacks[classIndex]! -= 1;
    return true;
  };
}

function counts(value: Label, label: string): boolean {
  return label === "positive" ? value === Label.Positive : value !== Label.Unannotated;
}
