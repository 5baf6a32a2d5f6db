import { expect, it } from "vitest";
import { knownWeights } from "./known-weights.js";

it("names the ten public TResNets with what timm says of them", () => {
  expect(knownWeights.map(({ name, repository }) => [name, repository])).toEqual(
    [
      ...["m.miil_in21k", "m.miil_in21k_ft_in1k", "m.miil_in1k", "m.miil_in1k_448", "l.miil_in1k"],
      ...[
        "l.miil_in1k_448",
        "xl.miil_in1k",
        "xl.miil_in1k_448",
        "v2_l.miil_in21k",
        "v2_l.miil_in21k_ft_in1k",
      ],
    ].map((name) => [`tresnet_${name}`, `timm/tresnet_${name}`]),
  );
  for (const { name, imageSize, outputs, license } of knownWeights)
    expect([name, imageSize, outputs, license]).toEqual([
      name,
      name.endsWith("_448") ? 448 : 224,
      name.endsWith("_in21k") ? 11_221 : 1000,
      "Apache-2.0",
    ]);
});
