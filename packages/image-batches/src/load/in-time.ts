/** What the promise gives, or the rejection `late` when that takes more than `ms` milliseconds (0: no limit). */
export async function inTime<T>(promise: Promise<T>, ms: number, late: () => Error): Promise<T> {
  if (ms === 0) return promise;
  let timer: NodeJS.Timeout | undefined;
  const alarm = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  return Promise.race([promise, alarm]).finally(() => clearTimeout(timer));
}
