import { CslError } from "@csl/internal/errors/csl-error";
import { classStatistics, type LabelTable } from "@csl/labels";
import type { Prior } from "@csl/partial-loss";
import type { LossName } from "./loss/losses.js";
import { describeSelection, selection } from "./selection.js";
import type { SettledLossOptions } from "./train-flags.js";

/**
 * Says what of the labels teaches nothing under the loss that the flags describe.
 *
 * A class can be learned where an annotated positive has a weight, and something counts as absent: an annotated
 * negative, or an un-annotated entry that the mode takes as one.
 *
 * @param tell receives warnings, with counts.
 * @param chosen the command has chosen what selective mode ignores
 * @throws CslError `mismatch` when no class can be learned.
 */
export function checkLearnable(
  labels: LabelTable,
  {
    flags: given,
    prior,
    tell,
    chosen = false,
  }: {
    flags: SettledLossOptions & { loss: LossName };
    prior: Prior | undefined;
    tell: (line: string) => void;
    chosen?: boolean;
  },
): void {
  // The other losses take un-annotated entries as absent, or expect most of them to be.
  const flags: SettledLossOptions = given.loss === "csl" ? given : { ...given, partialLossMode: "negative" };
  const { partialLossMode: mode, alphaPos, alphaNeg, alphaUnann } = flags;
  const { positives, negatives, unannotated } = classStatistics(labels);
  const selected = mode === "selective" ? selection(unannotated, labels.numSamples, flags, prior) : undefined;
  const assumes = (mode === "negative" || (selected && !selected.everything)) && alphaUnann > 0;
  const present = (c: number): boolean => positives[c]! > 0 && alphaPos > 0;
  const absent = (c: number): boolean =>
    (negatives[c]! > 0 && alphaNeg > 0) ||
    (assumes === true && unannotated[c]! > 0 && !selected?.ignoredClasses[c]);
  const all = Array.from({ length: labels.numClasses }, (_, c) => c);
  if (!all.some((c) => present(c) && absent(c))) throw nothingToLearn();
  const warn = (classes: number[], what: string): void => {
    if (classes.length === 0) return;
    const names = classes.slice(0, 3).map((c) => labels.classes.names[c]!);
    const list = `${names.join(", ")}${classes.length > 3 ? ", …" : ""}`;
    tell(`warning: ${classes.length} of ${labels.numClasses} classes ${what} (${list})`);
  };
  warn(
    all.filter((c) => positives[c]! + negatives[c]! === 0),
    "are annotated in no training image: nothing of them can be learned",
  );
  warn(
    all.filter((c) => positives[c] === 0 && negatives[c]! > 0),
    "have negatives but no positive in training: nothing of them can be learned",
  );
  warn(
    all.filter((c) => present(c) && !absent(c)),
    "have positives, but nothing counts as absent: their scores will go to 1 in every image",
  );
  if (selected) describeSelection(selected, flags, prior, chosen).forEach(tell);

  function nothingToLearn(): CslError {
    const count = (counts: Uint32Array): number => counts.reduce((total, n) => total + n, 0);
    const [positive, negative] = [count(positives), count(negatives)];
    const got =
      `${labels.numSamples} images × ${labels.numClasses} classes with ${positive} annotated positives and ` +
      `${negative} annotated negatives`;
    const where = "csl diagnose shows what there is.";
    const [why, wayOut] =
      positive + negative === 0
        ? ["nothing is annotated", `Is --data (or --labels) right? ${where}`]
        : positive === 0
          ? ["a class without a positive can only be learned as absent", `Annotate present classes. ${where}`]
          : alphaPos === 0
            ? ["--alpha-pos 0 gives positives no weight", "Give them one."]
            : assumes
              ? ["no class has both a positive and an entry that counts as absent", where]
              : [
                  `with ${withoutAbsent()} nothing counts as absent in a class that has positives: a model would learn to find every class in every image`,
                  `Use --partial-loss-mode negative, which counts un-annotated entries as absent, or annotate absent classes. ${where}`,
                ];
    return new CslError(
      "mismatch",
      `csl train: expected training labels from which something can be learned, got ${got}: ${why}. ${wayOut}`,
    );
  }

  function withoutAbsent(): string {
    const alphas = [
      ...(alphaNeg === 0 ? ["--alpha-neg 0"] : []),
      ...(alphaUnann === 0 ? ["--alpha-unann 0"] : []),
    ];
    return [`--partial-loss-mode ${mode}`, ...alphas, ...(selected?.everything ? [selected.cause] : [])].join(
      ", ",
    );
  }
}
