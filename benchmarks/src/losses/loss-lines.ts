/** A line of the table: a loss with its flags. */
export interface LossLine {
  name: string;
  flags: string[];
}

/** Every loss of `csl train --loss`, with the modes of csl that need no prior; defaults but for what a loss requires. */
export function lossLines(positivesPerImage: number): LossLine[] {
  const expected = ["--expected-positives", String(positivesPerImage)];
  const mode = (name: string, ...more: string[]): string[] => ["--partial-loss-mode", name, ...more];
  const plain = ["--gamma-pos", "0", "--gamma-neg", "0"];
  const selective = mode(
    "selective",
    "--likelihood-topk",
    "1",
    "--topk-scope",
    "sample",
    "--gamma-unann",
    "4",
  );
  const all: [name: string, flags: string[]][] = [
    ["csl ignore", mode("ignore", ...plain)],
    ["csl negative", mode("negative", ...plain, "--gamma-unann", "0")],
    ["csl selective", selective],
    ["asl", ["--loss", "asl"]],
    ["focal", ["--loss", "focal"]],
    ["an", ["--loss", "an"]],
    ["an smoothed", ["--loss", "an", "--an-label-smoothing", "0.1"]],
    ["wan", ["--loss", "wan"]],
    ["hill", ["--loss", "hill"]],
    ["splc", ["--loss", "splc"]],
    ["epr", ["--loss", "epr", ...expected]],
    ["role", ["--loss", "role", ...expected]],
    ["em", ["--loss", "em", "--em-pseudo-labels", "0"]],
    ["em apl", ["--loss", "em", "--em-warmup-epochs", "1"]],
    ["large-loss reject", ["--loss", "large-loss"]],
    ["large-loss correct", ["--loss", "large-loss", "--large-loss-mode", "correct"]],
    ["large-loss correct-for-good", ["--loss", "large-loss", "--large-loss-mode", "correct-for-good"]],
    ["gr", ["--loss", "gr"]],
  ];
  return all.map(([name, flags]) => ({ name, flags }));
}
