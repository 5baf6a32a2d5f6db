import { join } from "node:path";
import type { ImageList } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import { lockFile } from "@csl/internal/files/file-lock";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { expectSameClasses, type LabelTable } from "@csl/labels";
import { openDataset } from "../../data/open-dataset.js";
import { startCommandEngine } from "../../engine/start-command-engine.js";
import { writeWhole } from "../../files/write-json.js";
import { type Context, defineCommand } from "../../flags/command.js";
import { inputsOf } from "../../flags/read-flags.js";
import { readClassEmbeddings } from "../../models/class-embeddings.js";
import { locateModel } from "../../models/locate-model.js";
import { openModel, sideOf } from "../../models/open-model.js";
import { classesByData } from "../../models/output-classes.js";
import { claimOutputs } from "../../outputs/claim-outputs.js";
import { outputKinds } from "../../outputs/output-kinds.js";
import { startProgress } from "../../terminal/progress.js";
import { applyAnswers, openReviewed, type ReviewOptions } from "./apply-answers.js";
import { type FoundQuestions, findQuestions } from "./find-questions.js";
import { lookAtImages } from "./look-at-images.js";
import { type PageImages, pageImages } from "./page-images.js";
import { reviewCsv } from "./review-csv.js";
import { reviewFlags } from "./review-flags.js";
import { reviewPage } from "./review-page.js";
import { undoAnswers } from "./undo-answers.js";

/** `csl review`: which labels are probably wrong, which missing ones to ask about; and new labels by the answers. */
export const reviewCommand = defineCommand({
  name: "review",
  summary: "find labels that are probably wrong and missing ones worth asking about; apply the answers",
  flags: reviewFlags,
  async run(options, context) {
    if (options.apply !== undefined && options.undo)
      throw new CslError(
        "invalid-argument",
        "csl review: expected --apply or --undo, got both. One after the other.",
      );
    if (options.undo) return undoAnswers(options, context);
    if (options.apply !== undefined) return applyAnswers({ ...options, apply: options.apply }, context);
    return askQuestions(options, context);
  },
});

async function askQuestions(options: ReviewOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const { out } = options;
  const files = { csv: join(out, "review.csv"), page: join(out, "review.html") };
  const lock = await lockFile(join(out, "review.lock"), { speaker: "csl review" });
  try {
    await claimOutputs(
      "csl review",
      [
        { path: files.csv, flag: "--out", kind: outputKinds.reviewQuestions },
        { path: files.page, flag: "--out", kind: outputKinds.reviewPage },
      ],
      {
        inputs: [...inputsOf(reviewFlags, options), { path: options.data, flag: "--data" }],
        overwrite: options.overwrite,
      },
    );
    const { found, labels, images, table } = await rank(options, context);
    if (found.items.length === 0)
      throw new CslError(
        "mismatch",
        `csl review: expected entries to ask about in "${options.split}", got none. Are --known and --questions above 0, and is any class annotated both as present and as absent?`,
      );
    const review = { labels, split: options.split };
    await writeWhole(files.csv, reviewCsv(found.items, review));
    const imageOf = (id: string) => images.at(table.indexOfSample(id));
    const show = startProgress(terminal, { label: "draw the page", unit: "images" });
    const shown = await pageImages(found.items, { imageOf, onProgress: show, signal: context.signal });
    terminal.endStatus();
    for (const note of pageNotes(shown, found.items.length)) terminal.info(note);
    await writeWhole(files.page, reviewPage(shown, { ...review, data: options.data }));
    terminal.print(describe(found));
    terminal.print(`${found.items.length} questions: ${files.page}, as a table: ${files.csv}`);
  } finally {
    await lock.release();
  }
}

/** The questions, and the images and labels that they are about. */
async function rank(
  options: ReviewOptions,
  context: Context,
): Promise<{ found: FoundQuestions; labels: string; images: ImageList; table: LabelTable }> {
  const { terminal, signal } = context;
  const located = await locateModel(
    options.modelPath,
    { speaker: "csl review", offline: options.offline },
    context,
  );
  const dataset = await openDataset(options, terminal, { signal });
  await dataset.requireSplit(options.split);
  await startCommandEngine(options, terminal);
  const own = options.scores === "model";
  const embeddings =
    options.classEmbeddings === undefined
      ? undefined
      : await readClassEmbeddings(
          options.classEmbeddings,
          "csl review",
          (await dataset.split(options.split)).truth.classes,
        );
  const opened = await openModel(located, terminal, embeddings);
  try {
    const { split, table } = await openReviewed(dataset, options, terminal, own ? opened.classes : undefined);
    if (own) {
      const found = split.truth.classes;
      const classes = classesByData(opened, { found, data: options.data, terminal });
      expectSameClasses(classes, table.classes, `csl review: ${options.modelPath} for ${options.data}`);
      terminal.info(
        "scores by the model itself: they say little about labels that it was trained on, whose errors it has learned",
      );
    }
    const { list, selectRows } = await split.images();
    const chosen = drawn(list.length, options);
    if (chosen.length < list.length)
      terminal.info(
        `${chosen.length} of ${list.length} images, drawn by --seed ${options.seed}; --sample takes more`,
      );
    const images = {
      length: chosen.length,
      at: (i: number) => list.at(chosen[i]!),
      nameAt: (i: number) => list.nameAt(chosen[i]!),
    };
    const imageSize = sideOf(options.imageSize, opened, terminal);
    const outputs = await lookAtImages(
      opened.model,
      images,
      { ...options, imageSize, what: own ? "logits" : "features" },
      context,
    );
    const positions = outputs.read.map((i) => chosen[i]!);
    const looked = selectRows(table).select(positions);
    const at = (i: number) => list.at(positions[i]!);
    const nameAt = (i: number) => list.nameAt(positions[i]!);
    return {
      found: findQuestions(looked, outputs, options),
      // Over the data's own classes, as --apply opens them.
      labels: own ? (await openReviewed(dataset, options, terminal)).table.hash() : table.hash(),
      images: { length: positions.length, at, nameAt },
      table: looked,
    };
  } finally {
    opened.model.dispose();
  }
}

/** Positions of at most `sample` images, ascending. */
function drawn(length: number, { sample, seed }: Pick<ReviewOptions, "sample" | "seed">): Uint32Array {
  return shuffledIndices(length, mulberry32(seed)).slice(0, sample).sort();
}

function pageNotes({ items, unreadable, leftOut }: PageImages, asked: number): string[] {
  return [
    ...(unreadable > 0
      ? [`${unreadable} images cannot be read any more: questions about them are in review.csv only`]
      : []),
    ...(leftOut > 0
      ? [
          `the page has room for ${items.length} of ${asked} questions; review.csv has all. --known and --questions make fewer`,
        ]
      : []),
  ];
}

/** The number of contradictions is reported as such: features that separate a class badly contradict many right labels. */
function describe({ annotated, likely, oneSided, items }: FoundQuestions): string {
  const known = items.filter(({ kind }) => kind === "known").length;
  const unannotated = items.length - known;
  return [
    `known entries: the scores contradict ${likely} of ${annotated}, of which fewer are wrong; the ${known} least credible are asked about`,
    ...(oneSided > 0
      ? [
          `${oneSided} classes lack annotated positives or negatives: nothing is said about their known entries`,
        ]
      : []),
    unannotated > 0
      ? `un-annotated entries: the ${unannotated} that are worth most in an hour are asked about`
      : "un-annotated entries: none to ask about",
  ].join("\n");
}
