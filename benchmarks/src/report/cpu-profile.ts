/** What `node --cpu-prof` writes. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { url: string }; children?: number[] }[];
  samples: number[];
  /** Microseconds since the sample before. */
  timeDeltas: number[];
}

/** The time in calls from functions of files that match, without those inside of calls from `except`. */
export function secondsUnder(
  { nodes, samples, timeDeltas }: CpuProfile,
  files: RegExp,
  except?: RegExp,
): number {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const counted = new Set<number>();
  const visit = (id: number, inside: boolean): void => {
    const { callFrame, children = [] } = byId.get(id)!;
    if (except?.test(callFrame.url)) return;
    const within = inside || files.test(callFrame.url);
    if (within) counted.add(id);
    for (const child of children) visit(child, within);
  };
  visit(nodes[0]!.id, false);
  return samples.reduce((sum, id, i) => sum + (counted.has(id) ? timeDeltas[i]! : 0), 0) / 1e6;
}
