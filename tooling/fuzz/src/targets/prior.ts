import { parsePrior, stringifyPrior } from "@csl/partial-loss";
import { mutateJson } from "../mutate-json.js";
import type { FuzzTarget } from "../target.js";

const json = stringifyPrior({
  ids: ["/m/0a", "/m/0b"],
  names: ["Cat", "Dog"],
  values: Float32Array.of(0.25, 1),
  source: "a temporary model",
  count: 8,
});
const csv = 'Classes,avg_pred\nCat,0.25\n"Dog, small",1.0000001\n';

/** A class prior: our JSON and the reference's CSV. */
export const prior: FuzzTarget = {
  name: "prior",
  samples: () => [Buffer.from(json), Buffer.from(csv)],
  read: (input) => parsePrior(new TextDecoder().decode(input)),
  words: ["Classes,avg_pred", '"values":', '"ids":', '"prior":'],
  mutate: (sample, random) => {
    const text = Buffer.from(sample).toString();
    return text.startsWith("{") ? Buffer.from(mutateJson(text, random)) : sample;
  },
};
