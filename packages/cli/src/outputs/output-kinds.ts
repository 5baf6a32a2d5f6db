/** A kind of file that a command writes, and how an earlier one is recognised, which may be replaced. */
export interface OutputKind {
  /** As messages call it: "an evaluation". */
  what: string;
  /** How its content begins, byte for byte (Latin-1). */
  begins: RegExp;
}

const json = (what: string, format: string): OutputKind => ({
  what,
  begins: new RegExp(`^\\{\\s*"format":\\s*"${format}["/]`),
});

const png = (what: string, software: string): OutputKind => ({
  what,
  begins: new RegExp(`^\\x89PNG[\\s\\S]{4,64}tEXtSoftware\\0${software}`),
});

/** The first member of each JSON file of results. */
export const formats = {
  evaluation: "csl-evaluation/1",
  diagnosis: "csl-diagnosis/1",
  priorReport: "csl-prior-report/1",
  tags: "csl-tags/1",
  runReport: "csl-run-report/1",
  engines: "csl-engine-list/1",
  weightsList: "csl-weights-list/1",
  weights: "csl-weights/1",
  comparison: "csl-comparison/1",
  scores: "csl-scores/1",
  reproduction: "csl-reproduction/1",
  verification: "csl-verification/1",
} as const;

const page = (what: string, generator: string): OutputKind => ({
  what,
  begins: new RegExp(`^<!doctype html>[^]{0,80}<meta name="generator" content="${generator}">`),
});

export const outputKinds = {
  evaluation: json("the numbers of an evaluation", "csl-evaluation"),
  diagnosis: json("a diagnosis", "csl-diagnosis"),
  priorReport: json("a comparison of a prior", "csl-prior-report"),
  prior: json("a class prior", "csl-class-prior"),
  tags: json("tags", "csl-tags"),
  runReport: json("the report", "csl-run-report"),
  reportPage: page("a report", "csl report"),
  reportData: json("the numbers of a report", "csl-report-data"),
  runReportText: { what: "the report", begins: /^# Run of the recipe / },
  engines: json("a list of engines", "csl-engine-list"),
  weightsList: json("a list of weights", "csl-weights-list"),
  weights: json("a report of loaded weights", "csl-weights"),
  comparison: json("a comparison of runs", "csl-comparison"),
  comparisonPage: {
    what: "a page of a comparison",
    begins: /^<!doctype html>[\s\S]{0,900}<title>Comparison of /,
  },
  scores: { what: "scores of a model", begins: /^[\s\S]{8}\{"__metadata__":\{"format":"csl-scores\// },
  reproduction: json("the reproduction card of a training", "csl-reproduction"),
  verification: json("a verification", "csl-verification"),
  thresholds: json("thresholds", "csl-thresholds"),
  simulation: json("the manifest of a simulation", "csl-simulation"),
  perClass: { what: "scores per class", begins: /^id,name,ap,/ },
  labels: { what: "saved labels", begins: /^CSLLABEL/ },
  annotatedImage: png("an image with its tags", "csl infer"),
  frequencyChart: png("a chart of class frequencies", "csl simulate"),
  reportImage: png("an image of a report", "csl report"),
  checkpoint: { what: "a checkpoint", begins: /^[\s\S]{8}\{"__metadata__":\{[^}]*"csl":"csl-checkpoint\// },
  exportedCheckpoint: {
    what: "an exported model",
    begins: /^[\s\S]{8}\{"__metadata__":\{"format":"pt","csl":"csl-checkpoint\/1","description":/,
  },
  timmWeights: {
    what: "weights for timm of an earlier export",
    begins: /^[\s\S]{8}\{"__metadata__":\{"format":"pt","exported":"timm"/,
  },
  tfjsModel: { what: "an exported model", begins: /^\{"format":"graph-model","generatedBy":"csl export"/ },
  // Numbers alone: an earlier one looks like any other file.
  tfjsWeights: { what: "weights of an exported model", begins: /(?!)/ },
  // IR version 8, producer csl.
  onnx: { what: "an exported model", begins: new RegExp(`^${String.fromCharCode(8, 8, 18, 3)}csl`) },
  reviewQuestions: { what: "the questions of a review", begins: /^labels,split,image,class,label,answer,/ },
  reviewPage: page("the page of a review", "csl review"),
  reviewLog: { what: "the log of a review", begins: /^\{"type":"csl-review-log\/1"/ },
  // Nothing that is there is taken for one: a label file may be the person's own. The log tells which are not.
  reviewLabels: { what: "new labels", begins: /(?!)/ },
  result: { what: "the result of a training", begins: /^\{\s*"(?:best|chance|stopped|seconds)":/ },
  modelCard: { what: "a model card", begins: /^---\nlibrary_name: csl\n/ },
  log: { what: "the log of a training", begins: /^\{"type":"start"/ },
  configuration: {
    what: "the configuration of a training",
    begins: /^\{[\s\S]*"(?:partialLossMode|checkpointEvery)":/,
  },
} as const satisfies Record<string, OutputKind>;
