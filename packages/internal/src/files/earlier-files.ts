import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** Files of an earlier run that are in a folder, and when the last of them was written. */
export interface EarlierFiles {
  names: string[];
  written: Date;
}

/** Which of `names` are in `folder`; undefined when none is. */
export async function earlierFiles(
  folder: string,
  names: readonly string[],
): Promise<EarlierFiles | undefined> {
  const found = await Promise.all(
    names.map(async (name) => {
      const { mtimeMs } = (await stat(join(folder, name)).catch(() => undefined)) ?? {};
      return mtimeMs === undefined ? [] : [{ name, mtimeMs }];
    }),
  );
  const files = found.flat();
  if (files.length === 0) return undefined;
  const written = new Date(Math.max(...files.map(({ mtimeMs }) => mtimeMs)));
  return { names: files.map(({ name }) => name), written };
}

/** `last.safetensors and best.safetensors, written 2026-11-24 11:46`, in local time. */
export function describeFiles({ names, written }: EarlierFiles): string {
  const list = names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0];
  const minute = written.toLocaleString("sv-SE").slice(0, 16); // Sweden writes dates as ISO 8601
  return `${list}, written ${minute}`;
}

/** Whether two paths are one file, whatever they are called. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((path) => realpath(path).catch(() => undefined)));
  return first !== undefined && first === second;
}
