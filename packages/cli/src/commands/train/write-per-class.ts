import type { ClassList } from "@csl/labels";
import { perClassCsv } from "@csl/metrics";
import type { ValidationEvent } from "@csl/trainer";
import { writeWhole } from "../../files/write-json.js";

/** The classes of a validation whose weights are the best so far, one line each. */
export async function writePerClass(
  path: string,
  { best, raw, ema }: ValidationEvent,
  { classes, frequency }: { classes: ClassList; frequency: readonly string[] | undefined },
): Promise<void> {
  const { perClass } = best?.weights === "ema" && ema ? ema : raw;
  const { ids, names } = classes;
  const csv = perClassCsv(perClass, (index) => ({
    id: ids[index]!,
    name: names[index]!,
    group: frequency?.[index],
  }));
  await writeWhole(path, csv);
}
