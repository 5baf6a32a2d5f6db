/** Who gave a label, by how far it is to be trusted. */
export const LabelSource = { Machine: 0, Crowdsource: 1, Verification: 2 } as const;
export type LabelSource = (typeof LabelSource)[keyof typeof LabelSource];

/** The names that OpenImages writes, by rank. */
export const sourceNames: readonly string[] = ["machine", "crowdsource-verification", "verification"];

/** The rank of a source by its name; other names count as people, unless they speak of a machine. */
export function labelSource(name: string): LabelSource {
  const known = sourceNames.indexOf(name);
  if (known >= 0) return known as LabelSource;
  return /machine/i.test(name) ? LabelSource.Machine : LabelSource.Crowdsource;
}
