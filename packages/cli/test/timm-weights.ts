import type { StateDict } from "@csl/checkpoints";

/** For tests: a state-dict under timm's names, with the norm weights that timm stores: |w| + 1e-5. */
export function timmStateDict(state: StateDict): StateDict {
  return new Map(
    [...state].map(([key, { shape, data }]) => {
      const name = key
        .replace(/\.(conv\d|downsample\.\d)\.0\.0\.weight$/, ".$1.conv.weight")
        .replace(/\.(conv\d)\.0\.1\./, ".$1.bn.")
        .replace(/\.(conv\d|downsample\.\d)\.0\.weight$/, ".$1.conv.weight")
        .replace(/\.(conv\d|downsample\.\d)\.1\./, ".$1.bn.");
      const effective = name.endsWith(".bn.weight") ? data.map((w) => Math.abs(w) + 1e-5) : data;
      return [name, { shape, data: effective }];
    }),
  );
}
