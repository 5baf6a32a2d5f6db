/** The class-aware selective loss of every case; pytorch/device_worker.py has the same numbers. */
export function lossSettings(classes: number): {
  gamma: { positive: number; negative: number; unannotated: number };
  topK: number;
  priorThreshold: number;
  prior: Float32Array;
} {
  return {
    gamma: { positive: 1, negative: 2, unannotated: 7 },
    topK: Math.min(200, classes >> 2),
    priorThreshold: 0.05,
    prior: Float32Array.from({ length: classes }, (_, c) => (c % 50 === 0 ? 0.9 : 0.01)),
  };
}
