import type { Line } from "./finished-lines.js";
import { seedInterval } from "./seed-interval.js";

/** What the paper says of the better and the worse setting in a scheme. */
const claims: readonly { type: string; better: string; worse: string; orEqual?: true }[] = [
  { type: "rps", better: "ignore", worse: "negative" },
  { type: "rps", better: "csl auto", worse: "ignore", orEqual: true },
  { type: "rps", better: "csl auto", worse: "negative", orEqual: true },
  { type: "fpc", better: "negative", worse: "ignore" },
  { type: "fpc", better: "csl auto", worse: "ignore", orEqual: true },
  { type: "fpc", better: "csl auto", worse: "negative", orEqual: true },
];

/**
 * The orderings as a table of Markdown: differences of trainings with the same labels and seed, with the 95 % interval
 * of their mean, for each strength and for all strengths of a scheme together. `>` holds where the whole interval is above 0,
 * `≥` where it is not wholly below.
 */
export function formatOrderings(done: readonly Line[], schemes: readonly string[]): string {
  const rows = claims.flatMap(({ type, better, worse, orEqual }) => {
    const strengths = schemes.filter((scheme) => scheme.startsWith(type));
    const groups = [...strengths.map((one) => [one]), ...(strengths.length > 1 ? [strengths] : [])];
    return groups.flatMap((group) => {
      const differences = group.flatMap((scheme) => paired(done, scheme, better, worse));
      if (differences.length === 0) return [];
      const { mean, half } = seedInterval(differences);
      const verdict = orEqual
        ? mean + half >= 0
          ? "holds"
          : "fails"
        : mean - half > 0
          ? "holds"
          : mean + half < 0
            ? "fails"
            : "open";
      return [
        [
          group.length > 1 ? `${type}, all` : group[0]!,
          `${better} ${orEqual ? "≥" : ">"} ${worse}`,
          signed(mean),
          Number.isFinite(half) ? `${signed(mean - half)} to ${signed(mean + half)}` : "one pair",
          String(differences.length),
          verdict,
        ],
      ];
    });
  });
  return markdown(["scheme", "ordering", "difference", "95 % interval", "pairs", ""], rows);
}

/** Rank correlation of the priors with the true class frequencies, mean and range over the seeds. */
export function formatCorrelations(done: readonly Line[], schemes: readonly string[]): string {
  const rows = schemes.map((scheme) => [
    scheme,
    ...["ignore", "negative"].map((name) => {
      const values = done.flatMap((line) =>
        line.scheme === scheme && line.name === name && line.rankCorrelation !== undefined
          ? [line.rankCorrelation]
          : [],
      );
      if (values.length === 0) return "";
      return `${seedInterval(values).mean.toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
    }),
  ]);
  return markdown(["rank correlation of the prior", "of the Ignore model", "of the Negative model"], rows);
}

function paired(done: readonly Line[], scheme: string, better: string, worse: string): number[] {
  const of = (name: string): Line[] => done.filter((line) => line.scheme === scheme && line.name === name);
  return of(better).flatMap(({ seed, mapC }) =>
    of(worse)
      .filter((line) => line.seed === seed)
      .map((line) => mapC - line.mapC),
  );
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
