import { ClassList, labelTableFromDense } from "@csl/labels";
import { expect, it } from "vitest";
import { readFlags } from "../../flags/read-flags.js";
import { checkLearnable } from "./check-learnable.js";
import { type ChosenLoss, trainFlags } from "./train-flags.js";

const classes = ClassList.from(["person", "car", "cup"].map((name, i) => ({ id: String(i), name })));

/** What is told of rows of labels under the loss of some flags. */
async function told(
  rows: number[][],
  flags: Record<string, unknown> = {},
  prior?: number[],
): Promise<string[]> {
  const table = labelTableFromDense(
    classes,
    rows.map((_, i) => `${i}`),
    rows.flat(),
  );
  const options = await readFlags(
    "csl train",
    { Loss: trainFlags.Loss, "Loss csl": trainFlags["Loss csl"] },
    flags,
  );
  const lines: string[] = [];
  checkLearnable(table, {
    flags: options as typeof options & ChosenLoss,
    prior: prior && { ids: classes.ids, values: Float32Array.from(prior) },
    tell: (line) => lines.push(line),
  });
  return lines;
}
const ignore = { "partial-loss-mode": "ignore" };
const selective = { "partial-loss-mode": "selective" };
const open = [-1, -1, -1];

it.each<[string, number[][], Record<string, unknown>, number[] | undefined, RegExp]>([
  [
    "no annotated entry",
    [open, open],
    {},
    undefined,
    /2 images × 3 classes with 0 annotated positives and 0 .*nothing is annotated/,
  ],
  ["no positive", [[0, 0, -1]], {}, undefined, /without a positive can only be learned as absent/],
  [
    "positives only under Ignore",
    [
      [1, -1, -1],
      [-1, 1, -1],
    ],
    ignore,
    undefined,
    /with --partial-loss-mode ignore nothing counts as absent.*Use --partial-loss-mode negative/,
  ],
  [
    "positives only under the normalised modes",
    [[1, -1, -1]],
    { "partial-loss-mode": "normalized" },
    undefined,
    /nothing counts as absent/,
  ],
  [
    "positives and negatives of different classes",
    [[1, 0, -1]],
    ignore,
    undefined,
    /nothing counts as absent/,
  ],
  [
    "no weight of positives",
    [
      [1, 0, -1],
      [0, 1, 1],
    ],
    { "alpha-pos": 0 },
    undefined,
    /--alpha-pos 0 gives positives no weight/,
  ],
  [
    "no weight of what is not annotated",
    [[1, -1, -1]],
    { "alpha-unann": 0 },
    undefined,
    /--partial-loss-mode negative, --alpha-unann 0 nothing counts as absent/,
  ],
  [
    "a prior that ignores all",
    [[1, -1, -1]],
    { ...selective, "likelihood-topk": 0 },
    [0.9, 0.8, 0.7],
    /selective, --prior-threshold 0\.05 nothing counts as absent/,
  ],
  [
    "a top-k that ignores all",
    [[1, -1, -1]],
    selective,
    undefined,
    /selective, --likelihood-topk 5 nothing counts as absent/,
  ],
])("refuses %s", async (_, rows, flags, prior, message) => {
  await expect(told(rows, flags, prior)).rejects.toThrow(message);
  await expect(told(rows, flags, prior)).rejects.toMatchObject({ code: "mismatch" });
});

it("warns with counts of classes that cannot be learned, and says nothing of those that can", async () => {
  const rows = [
    [1, 0, -1],
    [0, -1, -1],
  ];
  expect(await told(rows)).toEqual([
    "warning: 1 of 3 classes are annotated in no training image: nothing of them can be learned (cup)",
    "warning: 1 of 3 classes have negatives but no positive in training: nothing of them can be learned (car)",
  ]);
  expect(
    await told(
      [
        [1, 1, -1],
        [0, -1, 1],
        [0, -1, 0],
      ],
      ignore,
    ),
  ).toEqual([
    "warning: 1 of 3 classes have positives, but nothing counts as absent: their scores will go to 1 in every image (car)",
  ]);
  expect(
    await told(
      [
        [1, 1, 0],
        [0, 0, 1],
      ],
      ignore,
    ),
  ).toEqual([]);
});

it.each<[string, number[][], Record<string, unknown>, number[] | undefined, RegExp]>([
  [
    "everything, by the prior",
    Array(9)
      .fill([1, -1, 0])
      .concat([[0, 1, 1]]),
    { ...selective, "likelihood-topk": 0 },
    [0.5, 0.4, 0.3],
    /^warning: --prior-threshold 0\.05: in effect every.*as in Ignore mode\. Raise --prior-threshold: 0\.5 leaves 0 of 3/,
  ],
  [
    "everything, by likelihood",
    [
      [1, -1, 0],
      [0, 1, 1],
    ],
    selective,
    undefined,
    /^warning: --likelihood-topk 5: in effect every.*Lower --likelihood-topk/,
  ],
  [
    "nothing",
    [
      [1, -1, 0],
      [0, 1, 1],
    ],
    { ...selective, "likelihood-topk": 0 },
    [0.01, 0.02, 0],
    /^warning: --likelihood-topk 0 and no class above --prior-threshold 0\.05: no un-annotated entry is ignored, as in Negative mode/,
  ],
  [
    "nothing, without a prior",
    [
      [1, -1, 0],
      [0, 1, 1],
    ],
    { ...selective, "likelihood-topk": 0 },
    undefined,
    /^warning: --likelihood-topk 0 without --prior-path: no un/,
  ],
  [
    "nothing by the prior",
    Array(9)
      .fill([1, -1, -1])
      .concat([[0, 1, 1]]),
    { ...selective, "likelihood-topk": 1 },
    [0.01, 0.02, 0],
    /^warning: no class is above --prior-threshold 0\.05 \(the largest prior is 0\.0200\)/,
  ],
  [
    "nothing to ignore",
    [
      [1, 1, 0],
      [0, 0, 1],
    ],
    selective,
    [0.5, 0.4, 0.01],
    /^warning: every entry is annotated/,
  ],
])("tells that selective mode ignores %s", async (_, rows, flags, prior, message) => {
  expect((await told(rows, flags, prior)).at(-1)).toMatch(message);
});

it("tells the shares of what is ignored", async () => {
  const rows = Array(10)
    .fill([1, -1, -1])
    .concat([[0, 0, 1]]);
  // Of 20 un-annotated entries the prior ignores the 10 of car.
  const lines = await told(rows, { ...selective, "likelihood-topk": 0 }, [0, 0.5, 0]);
  expect(lines.at(-1)).toBe(
    "selective: of 20 un-annotated entries 50.00 % are ignored by the prior (1 of 3 classes above 0.05), at most 0.00 % more by likelihood (0 an image)",
  );
});
