import {
  fixedPerClass,
  kPositives,
  largestObject,
  positivesOnly,
  randomPerSample,
  type Scheme,
} from "@csl/coco-simulation";

/** The reference's `simulate_partial_type` words and the further schemes; the number is `simulate_partial_param`. */
const schemes: Record<string, (param: number) => Scheme> = {
  fpc: (perClass) => fixedPerClass({ perClass }),
  rps: (dropRate) => randomPerSample({ dropRate }),
  "k-positives": (positives) => kPositives({ positives }),
  "positives-only": (keepRate) => positivesOnly({ keepRate }),
  "largest-object": () => largestObject(),
};

export function schemeOf(name: string, param: number): Scheme {
  const scheme = schemes[name.replaceAll("_", "-")];
  if (!scheme) {
    throw new Error(
      `csl: expected --simulate-partial-type to be one of ${Object.keys(schemes).join(", ")}, got "${name}".`,
    );
  }
  return scheme(param);
}
