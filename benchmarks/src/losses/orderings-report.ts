import type { Line } from "./finished-lines.js";
import { seedInterval } from "./seed-interval.js";

interface Claim {
  /** Of the scheme's name, in front of its strength. */
  type: string;
  better: string;
  worse: string;
  orEqual?: true;
}

/** What the paper says of the plain modes in a scheme. */
const plain: readonly Claim[] = [
  { type: "rps", better: "ignore", worse: "negative" },
  { type: "fpc", better: "negative", worse: "ignore" },
];

/** The paper's orderings, and that what CSL chooses itself is no worse than any other setting. */
function claimsOf(done: readonly Line[]): Claim[] {
  const others = [...new Set(done.map(({ name }) => name))].filter((name) => name !== "csl auto");
  return plain.flatMap((claim): Claim[] => [
    claim,
    ...others.map((worse): Claim => ({ type: claim.type, better: "csl auto", worse, orEqual: true })),
  ]);
}

/**
 * The orderings as a table of Markdown: differences of trainings with the same labels and seed, with the 95 % interval
 * of their mean, for each strength and for all strengths of a scheme together. `>` holds where the whole interval is above 0,
 * `≥` where it is not wholly below.
 */
export function formatOrderings(done: readonly Line[], schemes: readonly string[]): string {
  const rows = claimsOf(done).flatMap((claim) => {
    const strengths = schemes.filter((scheme) => scheme.startsWith(claim.type));
    const groups = [...strengths.map((one) => [one]), ...(strengths.length > 1 ? [strengths] : [])];
    return groups.flatMap((group) => {
      const differences = group.flatMap((scheme) => paired(done, scheme, claim));
      return differences.length === 0 ? [] : [row(claim, group, differences)];
    });
  });
  return markdown(["scheme", "ordering", "difference", "95 % interval", "pairs", ""], rows);
}

function row(
  { type, better, worse, orEqual }: Claim,
  group: readonly string[],
  differences: readonly number[],
): string[] {
  const { mean, half } = seedInterval(differences);
  const open = Math.abs(mean) <= half;
  const holds = mean > 0 ? "holds" : "fails";
  return [
    group.length > 1 ? `${type}, all` : group[0]!,
    `${better} ${orEqual ? "≥" : ">"} ${worse}`,
    signed(mean),
    Number.isFinite(half) ? `${signed(mean - half)} to ${signed(mean + half)}` : "one pair",
    String(differences.length),
    open ? (orEqual ? "holds" : "open") : holds,
  ];
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

function paired(done: readonly Line[], scheme: string, { better, worse }: Claim): number[] {
  const of = (name: string): { seed: number; mapC: number }[] =>
    done.flatMap(({ seed, mapC, ...line }) =>
      line.scheme === scheme && line.name === name && mapC !== null ? [{ seed, mapC }] : [],
    );
  return of(better).flatMap(({ seed, mapC }) =>
    of(worse)
      .filter((line) => line.seed === seed)
      .map((line) => mapC - line.mapC),
  );
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
