/** The tasks of assembly/execute.ts by name. */
export const Task = {
  packWeights: 0,
  gatherConv: 1,
  weightGradient: 2,
  depthwiseInputGradient: 3,
  depthwiseFilterGradient: 4,
  channelMoments: 5,
  abnStatistics: 6,
  abnAffine: 7,
  abnApply: 8,
  abnGradientSums: 9,
  abnGradientFactors: 10,
  abnGradientApply: 11,
  addRelu: 12,
  addReluGradient: 13,
  weightedSum: 14,
  adam: 15,
  blurPool: 16,
  blurPoolGradient: 17,
  averagePool: 18,
  averagePoolGradient: 19,
  squeezeExcite: 20,
  squeezeExciteGradient: 21,
  outerProducts: 22,
} as const;

export type Task = (typeof Task)[keyof typeof Task];
