import {
  choice,
  type FlagGroup,
  file,
  integer,
  integerOr,
  number,
  numberOr,
  onlyWith,
  toggle,
} from "../../../flags/flag.js";

/** What `--loss` takes. */
export const lossNames = [
  "csl",
  "asl",
  "focal",
  "hill",
  "splc",
  "role",
  "em",
  "large-loss",
  "gr",
  "an",
  "wan",
  "epr",
] as const;

type LossName = (typeof lossNames)[number];

/** Flags that are refused with other losses. */
const ofLoss = <Group extends FlagGroup>(names: readonly LossName[], group: Group): Group =>
  onlyWith({ flag: "loss", values: names }, group);

const decides = { decidesResume: true } as const;

export const lossChoice = {
  loss: choice("the loss; each has flags of its own", lossNames, { default: "csl", ...decides }),
};

export const lossFlags = ofLoss(["csl"], {
  "partial-loss-mode": choice(
    "how un-annotated entries count; auto: as csl diagnose recommends for the training labels",
    ["auto", "negative", "ignore", "normalized", "ignore-normalize-classes", "selective"],
    { default: "negative", decidesResume: true },
  ),
  clip: number("probability margin of negatives", { default: 0, from: 0, below: 1, decidesResume: true }),
  "gamma-pos": number("focusing of positives", { default: 0, from: 0, decidesResume: true }),
  "gamma-neg": number("focusing of annotated negatives", { default: 1, from: 0, decidesResume: true }),
  "gamma-unann": number("focusing of un-annotated entries", { default: 2, from: 0, decidesResume: true }),
  "alpha-pos": number("weight of positives", { default: 1, from: 0, decidesResume: true }),
  "alpha-neg": number("weight of annotated negatives", { default: 1, from: 0, decidesResume: true }),
  "alpha-unann": number("weight of un-annotated entries", { default: 1, from: 0, decidesResume: true }),
  "class-weights": file(
    "weight of each class in the loss: balanced, by the annotated positives of the training images; or a file of id,weight",
    {
      reads: {
        what: "balanced, or a file of class weights",
        wayOut: () => "Write one line per class: id,weight.",
        elsewhere: (text) => text === "balanced",
      },
    },
  ),
  "likelihood-topk": integerOr(
    "auto",
    "selective: likely un-annotated entries ignored per image; auto: as many positives as an image is expected to miss",
    { default: 5, from: 0, decidesResume: true },
  ),
  "prior-path": file("selective: class prior, JSON of csl estimate-prior or the reference's CSV", {
    reads: { what: "a class prior", wayOut: () => "Make one with csl estimate-prior." },
  }),
  "prior-threshold": numberOr(
    "auto",
    "selective: classes with a larger prior are ignored where un-annotated; auto: those whose missed positives would mislead more than their negatives tell",
    { default: 0.05, from: 0, to: 1, decidesResume: true },
  ),
  "topk-scope": choice(
    "batch: K times the batch pooled over it, as the reference; sample: as the paper",
    ["batch", "sample"],
    { default: "batch", decidesResume: true },
  ),
  "spare-ignored": toggle("use no top-k place for a class that the prior already ignores", {
    decidesResume: true,
  }),
});

/** Of @csl/partial-loss's functions of these names; defaults are the papers'. */
export const aslFlags = ofLoss(["asl"], {
  "asl-gamma-pos": number("focusing of positives", { default: 0, from: 0, ...decides }),
  "asl-gamma-neg": number("focusing of all others", { default: 4, from: 0, ...decides }),
  "asl-clip": number("probability margin of all others", { default: 0.05, from: 0, below: 1, ...decides }),
});

export const focalFlags = ofLoss(["focal"], {
  "focal-gamma": number("focusing", { default: 2, from: 0, ...decides }),
  "focal-alpha": number("weight of positives, of which 1 less is that of the others; default: none", {
    from: 0,
    to: 1,
    ...decides,
  }),
});

export const hillFlags = ofLoss(["hill"], {
  "hill-lambda": number("where the pull of a likely negative turns around", {
    default: 1.5,
    from: 0,
    ...decides,
  }),
  "hill-margin": number("logit margin of positives", { default: 1, from: 0, ...decides }),
  "hill-gamma": number("focusing of positives", { default: 2, from: 0, ...decides }),
});

export const splcFlags = ofLoss(["splc"], {
  "splc-threshold": number("probability from which an un-annotated entry counts as positive", {
    default: 0.6,
    from: 0,
    to: 1,
    ...decides,
  }),
  "splc-start-epoch": integer("epochs before labels are corrected", { default: 1, from: 0, ...decides }),
  "splc-margin": number("logit margin of annotated positives", { default: 1, from: 0, ...decides }),
  "splc-gamma": number("focusing", { default: 2, from: 0, ...decides }),
});

export const roleFlags = ofLoss(["role"], {
  "role-rate": number("learning rate of the label estimates over that of the model", {
    default: 10,
    above: 0,
    ...decides,
  }),
});

export const emFlags = ofLoss(["em"], {
  "em-alpha": number("weight of the entropy", { default: 0.1, from: 0, ...decides }),
  "em-beta": number("weight of the pseudo-labels", { default: 0.9, from: 0, ...decides }),
  "em-pseudo-labels": number("share of a class's un-annotated entries that become soft negatives; 0: none", {
    default: 0.9,
    from: 0,
    to: 1,
    ...decides,
  }),
  "em-warmup-epochs": integer("epochs before the first pseudo-labels", { default: 5, from: 1, ...decides }),
});

export const largeLossFlags = ofLoss(["large-loss"], {
  "large-loss-mode": choice(
    "reject: drop entries of large loss; correct: make them positives in this step; correct-for-good: from then on",
    ["reject", "correct", "correct-for-good"],
    { default: "reject", ...decides },
  ),
  "large-loss-rate": number(
    "share of the entries, times the epochs that are done; with correct-for-good the same from the second epoch on",
    { default: 0.002, from: 0, to: 1, ...decides },
  ),
});

export const grFlags = ofLoss(["gr"], {
  "gr-offset": number("offset of the chance that an un-annotated entry is positive", {
    default: -2,
    ...decides,
  }),
  "gr-positive-exponent": number("robustness of the positive side; 0: cross entropy, 1: absolute error", {
    default: 0.01,
    from: 0,
    ...decides,
  }),
  "gr-negative-exponent": number("robustness of the negative side", { default: 1, from: 0, ...decides }),
});

export const anFlags = ofLoss(["an"], {
  "an-label-smoothing": number("label smoothing; 0.1 in the authors' AN-LS", {
    default: 0,
    from: 0,
    to: 1,
    ...decides,
  }),
});

export const eprFlags = ofLoss(["epr"], {
  "epr-weight": number("weight of the penalty", { default: 1, from: 0, ...decides }),
});

export const expectedFlags = ofLoss(["role", "epr"], {
  "expected-positives": number(
    "required: the classes that an average image has (VOC 1.5, COCO 2.9, NUS-WIDE 1.9, CUB 31.4)",
    { above: 0, ...decides },
  ),
});
