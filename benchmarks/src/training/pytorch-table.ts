/** One seed of one scheme: mAP(C) in percent by setting, on both sides, and the rank correlations of the priors. */
export interface Outcome {
  scheme: string;
  seed: number;
  ours: Record<string, number>;
  theirs: Record<string, number>;
  priors: { ours: number; theirs: number };
}

/** 97.5 % quantiles of Student's t by degrees of freedom (1 to 9). */
const quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/**
 * As Markdown: mean ± standard deviation of both sides and the mean difference with its 95 % interval over the seeds
 * (Welch's: the seeds of the two sides draw different numbers, so they are no pairs).
 */
export function pytorchTable(outcomes: readonly Outcome[]): string {
  const rows = [...new Set(outcomes.map(({ scheme }) => scheme))].flatMap((scheme) => {
    const some = outcomes.filter((one) => one.scheme === scheme);
    const settings = Object.keys(some[0]!.ours).map((name) =>
      row(
        `${scheme} ${name}, mAP(C)`,
        some.map(({ ours }) => ours[name]!),
        some.map(({ theirs }) => theirs[name]!),
      ),
    );
    const priors = row(
      `${scheme} prior, rank correlation`,
      some.map(({ priors }) => priors.ours),
      some.map(({ priors }) => priors.theirs),
    );
    return [...settings, priors];
  });
  return ["| | csl | PyTorch | csl - PyTorch (95 %) |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function row(name: string, ours: number[], theirs: number[]): string {
  const [a, b] = [moments(ours), moments(theirs)];
  const digits = Math.abs(a.mean) > 2 ? 2 : 3;
  const show = ({ mean, variance }: Moments): string =>
    `${mean.toFixed(digits)} ± ${Math.sqrt(variance).toFixed(digits)}`;
  const [u, v] = [a.variance / ours.length, b.variance / theirs.length];
  const freedom = (u + v) ** 2 / (u ** 2 / (ours.length - 1) + v ** 2 / (theirs.length - 1));
  const quantile = quantiles[Math.max(0, Math.floor(Math.min(freedom, quantiles.length)) - 1)] ?? Number.NaN;
  const half = quantile * Math.sqrt(u + v);
  return `| ${name} | ${show(a)} | ${show(b)} | ${(a.mean - b.mean).toFixed(digits)} ± ${half.toFixed(digits)} |`;
}

interface Moments {
  mean: number;
  variance: number;
}

function moments(values: number[]): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) };
}
