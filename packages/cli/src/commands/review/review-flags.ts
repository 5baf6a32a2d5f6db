import { choice, file, folder, integer, number, path, text, toggle } from "../../flags/flag.js";
import {
  datasetFlags,
  engineFlags,
  modelBatchFlags,
  modelFlags,
  overwriteFlag,
  savedLabels,
} from "../../flags/shared-flags.js";

export const reviewFlags = {
  // Undoing needs neither data nor a model: what is there is checked when it is opened.
  "Data set": {
    ...datasetFlags,
    data: path(datasetFlags.data.description, { default: datasetFlags.data.default }),
    split: text("the split whose labels are reviewed", { placeholder: "name", default: "train" }),
    labels: path("labels saved by csl simulate, instead of the full ones", { reads: savedLabels }),
  },
  "Images and batches": modelBatchFlags,
  Model: {
    ...modelFlags,
    "model-path": file(
      "whose features are looked at: a checkpoint of csl train, a PyTorch file, or weights by name: csl weights",
      { default: modelFlags["model-path"].default },
    ),
  },
  Ranking: {
    scores: choice(
      "heads: linear heads on the model's features, each fitted without the images that it judges; model: the model's own outputs, for images that it was not trained on",
      ["heads", "model"],
      { default: "heads" },
    ),
    folds: integer("parts of the images, each judged by heads that were fitted to the others", {
      default: 10,
      from: 2,
      to: 100,
    }),
    sample: integer("look at so many images at most, drawn by --seed", { default: 20_000, from: 2 }),
    seed: integer("of the folds and of --sample", { default: 0, from: 0, to: 2 ** 32 - 1 }),
    known: integer("ask about so many annotated entries, the least credible first", {
      default: 200,
      from: 0,
      to: 100_000,
    }),
    questions: integer("ask about so many un-annotated entries, those worth most in an hour first", {
      default: 300,
      from: 0,
      to: 100_000,
    }),
    "seconds-per-answer": number("that an annotator takes for an answer", { default: 2, above: 0 }),
    "seconds-per-class": number("that an annotator takes in addition when another class comes up", {
      default: 4,
      from: 0,
    }),
  },
  Results: {
    out: folder("where review.csv and review.html go, or the new labels", {
      default: "./outputs/review",
      writes: "folder",
    }),
    overwrite: overwriteFlag,
  },
  Answers: {
    apply: file(
      "write new labels into --out by these answers: what the page saved, or review.csv with its column answer filled in",
      {
        reads: { what: "a file of answers", wayOut: () => "Download it from review.html." },
      },
    ),
    "allow-changes": toggle(
      "apply answers although the labels have changed since the questions were made: entries that are still what was shown",
    ),
    undo: toggle("take the last application of answers in --out back"),
  },
  Engine: engineFlags,
};
