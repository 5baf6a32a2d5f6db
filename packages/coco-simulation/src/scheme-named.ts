import { fixedPerClass } from "./fixed-per-class.js";
import { kPositives } from "./k-positives.js";
import { largestObject } from "./largest-object.js";
import { positivesOnly } from "./positives-only.js";
import { randomPerSample } from "./random-per-sample.js";
import type { Scheme } from "./scheme.js";

/** Schemes by the names of commands and manifests; `param` is the one number of `--simulate-partial-param`. */
export const schemes: Readonly<Record<string, (param: number) => Scheme>> = {
  fpc: (param) => fixedPerClass({ perClass: param }),
  "fixed-per-class": (param) => fixedPerClass({ perClass: param }),
  rps: (param) => randomPerSample({ dropRate: param }),
  rpa: (param) => randomPerSample({ dropRate: param }),
  "random-per-sample": (param) => randomPerSample({ dropRate: param }),
  "k-positives": (param) => kPositives({ positives: param }),
  "positives-only": (param) => positivesOnly({ keepRate: param }),
  "largest-object": () => largestObject(),
};

/** The scheme of that name (case does not matter). @throws for an unknown name, with the known ones. */
export function schemeNamed(name: string, param: number): Scheme {
  const key = name.toLowerCase();
  const create = Object.hasOwn(schemes, key) ? schemes[key] : undefined;
  if (create) return create(param);
  throw new Error(
    `schemeNamed: expected one of ${Object.keys(schemes).join(", ")}, got ${JSON.stringify(name)}.`,
  );
}
