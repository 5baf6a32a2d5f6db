import { readFileSync } from "node:fs";
import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { testBackends, useBackend, valueAndGradient } from "../test/backends.js";
import {
  assumeNegativeLoss,
  asymmetricLoss,
  entropyMaximizationLoss,
  expectedPositivesLoss,
  focalLoss,
  generalizedRobustLoss,
  hillLoss,
  ignore,
  type LossOptions,
  largeLoss,
  negative,
  normalized,
  partialLoss,
  roleLoss,
  selective,
  splcLoss,
  unannotatedWeights,
  weakAssumeNegativeLoss,
} from "./index.js";

/** Values and central-difference gradients of the papers' formulas in float64; see fixtures/README.md. */
const golden = JSON.parse(readFileSync(new URL("../fixtures/golden-losses.json", import.meta.url), "utf8"));
const logits: number[][] = golden.logits;
const triState: number[][] = golden.targets_tristate;
/** Single positives: what is not observed is un-annotated here. */
const singlePositive: number[][] = golden.targets_single_positive.map((row: number[]) =>
  row.map((label) => label || -1),
);

type Loss = (x: tf.Tensor, y: tf.Tensor) => tf.Scalar;
const plain = { gamma: { positive: 0, negative: 0, unannotated: 0 } };
const focusing = { gamma: { positive: 0, negative: 1, unannotated: 2 } };
const partial =
  (options: LossOptions): Loss =>
  (x, y) =>
    partialLoss(x, y, options);
const asl =
  (positive: number, focusGradient: boolean): Loss =>
  (x, y) =>
    asymmetricLoss(x, y, { gamma: { positive, negative: 4 }, clip: 0.05, focusGradient });

const prior = [0, 0, 0.9, 0];
const batchWide = selective({ topK: 1, topKScope: "batch", prior, priorThreshold: 0.05 });
const perImage = selective({ topK: 1, topKScope: "sample", prior, priorThreshold: 0.05 });

/** q at the soft negatives (0,3) and (2,1), frozen at p; -1 elsewhere. */
const softNegatives = logits.map((row, i) =>
  row.map((x, j) => ((i === 0 && j === 3) || (i === 2 && j === 1) ? 1 / (1 + Math.exp(-x)) : -1)),
);
const estimates = [
  [0.995, 0.4, 0.55, 0.3],
  [0.45, 0.995, 0.6, 0.5],
  [0.5, 0.42, 0.58, 0.995],
].map((row) => row.map((p) => Math.log(p / (1 - p))));

const losses: Record<string, [labels: number[][], loss: Loss]> = {
  ignore_sum: [triState, partial({ ...plain, unannotated: ignore() })],
  negative_sum: [triState, partial({ ...plain, unannotated: negative() })],
  ignore_normalize_classes_seed_sum: [
    triState,
    partial({ ...plain, unannotated: normalized({ scheme: "reference" }) }),
  ],
  durand_partial_bce_mean: [triState, partial({ ...plain, unannotated: normalized(), reduction: "mean" })],
  an_mean: [singlePositive, (x, y) => assumeNegativeLoss(x, y)],
  "an_ls_mean_code_eps0.1": [singlePositive, (x, y) => assumeNegativeLoss(x, y, { labelSmoothing: 0.1 })],
  wan_mean: [singlePositive, (x, y) => weakAssumeNegativeLoss(x, y)],
  "epr_mean_k1.5": [singlePositive, (x, y) => expectedPositivesLoss(x, y, { expectedPositives: 1.5 })],
  "asl_4_0_.05_sum_detached": [singlePositive, asl(0, false)],
  "asl_4_0_.05_sum_full_grad": [singlePositive, asl(0, true)],
  "asl_4_1_.05_sum_detached": [singlePositive, asl(1, false)],
  "p_asl_0_1_2_sum_detached(no selection)": [triState, partial(focusing)],
  csl_0_1_2_sum_seed_batch_topk_K1_prior: [triState, partial({ ...focusing, unannotated: batchWide })],
  focal_2_sum_full_grad: [singlePositive, (x, y) => focalLoss(x, y)],
  hill_sum: [singlePositive, (x, y) => hillLoss(x, y)],
  "splc_sum_epoch>=1": [singlePositive, (x, y) => splcLoss(x, y)],
  splc_sum_epoch0: [singlePositive, (x, y) => splcLoss(x, y, { correct: false })],
  "em_mean_a0.1(no eps)": [singlePositive, (x, y) => entropyMaximizationLoss(x, y, { alpha: 0.1 })],
  "em_apl_mean_a0.1_b0.9_soft(0,3),(2,1)": [
    singlePositive,
    (x, y) =>
      entropyMaximizationLoss(x, y, { alpha: 0.1, beta: 0.9, softNegatives: tf.tensor2d(softNegatives) }),
  ],
  "ll_r_mean_rate0.2": [singlePositive, (x, y) => largeLoss(x, y, { rate: 0.2 })],
  "ll_ct_mean_rate0.2": [singlePositive, (x, y) => largeLoss(x, y, { rate: 0.2, mode: "correct" })],
  "gr_mean_w1_b-2_mu.65_s1.25_q.01_1": [
    singlePositive,
    (x, y) => generalizedRobustLoss(x, y, { slope: 1, center: 0.65, width: 1.25 }),
  ],
  "role_mean_k1.5(grad wrt f logits, g fixed; no eps)": [
    singlePositive,
    (x, y) => roleLoss(x, y, { expectedPositives: 1.5, estimates: tf.tensor2d(estimates) }),
  ],
};
const masks = {
  "csl_weights_batch_topk(seed)_K1": batchWide,
  "csl_weights_per_image_topk(paper)_K1": perImage,
};

test("every entry of the file is tested", () => {
  expect([...Object.keys(losses), ...Object.keys(masks)].sort()).toEqual(Object.keys(golden.losses).sort());
});

describe.each(testBackends)("golden-losses.json on %s, kernel %s", (backend, form) => {
  test.each(Object.entries(losses))("%s", async (name, [labels, loss]) => {
    await useBackend(backend, form);
    const expected = golden.losses[name];
    const { value, gradient } = valueAndGradient(loss, logits, labels);
    expectAllClose([value], [expected.value], { rtol: 1e-5 });
    expectAllClose(gradient, expected.grad, { rtol: 1e-5, atol: 1e-8 }); // 8 decimals in the file
  });

  test.each(Object.entries(masks))("%s", async (name, policy) => {
    await useBackend(backend, form);
    const weights = unannotatedWeights(tf.tensor2d(logits), tf.tensor2d(triState), policy);
    expect(weights.arraySync()).toEqual(golden.losses[name]);
    const plainWeights = new Float32Array(12);
    policy.weighValues({ logits: logits.flat(), labels: triState.flat(), rows: 3, classes: 4 }, plainWeights);
    expect([...plainWeights]).toEqual(golden.losses[name].flat());
  });
});
