import { CslError } from "@csl/internal/errors/csl-error";
import { expect, test } from "vitest";
import * as csl from "./index.js";

type AnyFunction = (...args: unknown[]) => unknown;
const losses = [
  csl.partialLoss,
  csl.asymmetricLoss,
  csl.asymmetricLossSingleLabel,
  csl.assumeNegativeLoss,
  csl.weakAssumeNegativeLoss,
  csl.entropyMaximizationLoss,
  csl.expectedPositivesLoss,
  csl.focalLoss,
  csl.generalizedRobustLoss,
  csl.hillLoss,
  csl.largeLoss,
  csl.roleLoss,
  csl.splcLoss,
] as AnyFunction[];
const estimator = new csl.ClassPriorEstimator(["a"]);

/** Runs with these options after arguments that nothing must look at before. */
const calls: [name: string, call: (options: unknown) => unknown][] = [
  ...losses.map(
    (loss) => [loss.name, (options: unknown) => loss(undefined, undefined, options)] as [string, AnyFunction],
  ),
  ...([csl.compileLoss, csl.selective, csl.normalized] as AnyFunction[]).map(
    (make) => [make.name, make] as [string, AnyFunction],
  ),
  ["registerKernels", (options) => (csl.registerKernels as AnyFunction)("cpu", options)],
  ["parsePrior", (options) => (csl.parsePrior as AnyFunction)(undefined, options)],
  ["ClassPriorEstimator.prior", (options) => estimator.prior(options as object)],
];

function thrown(call: () => unknown): { code?: string; message?: string } {
  try {
    call();
  } catch (error) {
    if (error instanceof CslError) return error;
    throw error;
  }
  return {};
}

test.each(calls)("%s refuses an option that it does not have, before anything else", (name, call) => {
  const error = thrown(() => call({ notAnOption: 1 }));
  expect(error.code).toBe("unknown-option");
  expect(error.message).toMatch(`${name}: unknown option "notAnOption". Known: `);
  expect(thrown(() => call(null)).code).toBe("invalid-argument");
});

test.each([
  [
    () => csl.compileLoss({ gamma: 4 } as never),
    "invalid-argument",
    "compileLoss: gamma: expected an object of options, got 4. Known: positive, negative, unannotated.",
  ],
  [
    () => csl.compileLoss({ gamma: { neg: 4 } } as never),
    "unknown-option",
    'compileLoss: gamma: unknown option "neg". Known: positive, negative, unannotated.',
  ],
  [
    () => csl.compileLoss({ alpha: { pos: 4 } } as never),
    "unknown-option",
    'compileLoss: alpha: unknown option "pos". Known: positive, negative, unannotated.',
  ],
  [
    () => csl.asymmetricLoss(undefined as never, undefined as never, { gamma_neg: 2 } as never),
    "unknown-option",
    'asymmetricLoss: unknown option "gamma_neg". Known: gamma, clip, reduction, focusGradient, validate.',
  ],
  [
    () => csl.asymmetricLoss(undefined as never, undefined as never, { gamma: 2 } as never),
    "invalid-argument",
    "asymmetricLoss: gamma: expected an object of options, got 2. Known: positive, negative.",
  ],
  [
    () =>
      csl.asymmetricLossSingleLabel(
        undefined as never,
        undefined as never,
        { gamma: { unannotated: 2 } } as never,
      ),
    "unknown-option",
    'asymmetricLossSingleLabel: gamma: unknown option "unannotated". Known: positive, negative.',
  ],
  [
    () => csl.selective({ topk: 1 } as never),
    "unknown-option",
    'selective: unknown option "topk". Known: topK, topKScope, prior, classIds, priorThreshold, spareIgnored.',
  ],
])("says what is expected: %#", (call, code, message) => {
  expect(thrown(call)).toMatchObject({ code, message });
});
