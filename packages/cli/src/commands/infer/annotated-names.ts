import { extname, resolve, sep } from "node:path";

/**
 * A file name for the annotated version of each image, without ending, no two alike (not even in case or Unicode form,
 * which some file systems do not tell apart): the image's own name, where others have it too with the folders that
 * tell them apart (`b_1` of `a/1.jpg` and `b/1.jpg`), and with its ending where only that differs (`1_jpg`, `1_png`).
 *
 * @param names paths of images, or their names in a data set.
 */
export function annotatedNames(names: readonly string[]): string[] {
  const parts = names.map((name) => resolve(name).split(sep).filter(Boolean));
  const most = Math.max(1, ...parts.map(({ length }) => length));
  const chosen = new Array<string | undefined>(names.length);
  const taken = new Set<string>();
  const take = (candidate: (i: number) => string): void => {
    const open = [...chosen.keys()].filter((i) => chosen[i] === undefined);
    const counts = new Map<string, number>();
    for (const i of open) counts.set(folded(candidate(i)), (counts.get(folded(candidate(i))) ?? 0) + 1);
    for (const i of open) {
      const name = candidate(i);
      if (counts.get(folded(name)) !== 1 || taken.has(folded(name))) continue;
      chosen[i] = name;
      taken.add(folded(name));
    }
  };
  const named = (i: number, folders: number, ending: boolean): string => {
    const words = parts[i]!.slice(-1 - folders);
    const last = words.pop() ?? "image";
    const stem = last.slice(0, last.length - extname(last).length);
    return [...words, ending && extname(last) ? `${stem}_${extname(last).slice(1)}` : stem].join("_");
  };
  take((i) => named(i, 0, false));
  take((i) => named(i, 0, true));
  for (let folders = 1; folders < most; folders++) {
    take((i) => named(i, folders, false));
    take((i) => named(i, folders, true));
  }
  for (let i = 0; i < names.length; i++) {
    for (let number = 2; chosen[i] === undefined; number++) {
      const name = `${named(i, 0, false)}_${number}`;
      if (taken.has(folded(name))) continue;
      chosen[i] = name;
      taken.add(folded(name));
    }
  }
  return chosen as string[]; // every one was filled
}

const folded = (name: string): string => name.normalize("NFC").toLowerCase();
