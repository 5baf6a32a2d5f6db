/** The tasks of assembly/execute.ts by name. */
export const Task = {
  packWeights: 0,
  gatherConv: 1,
  weightGradient: 2,
  depthwiseInputGradient: 3,
  depthwiseFilterGradient: 4,
} as const;

export type Task = (typeof Task)[keyof typeof Task];
