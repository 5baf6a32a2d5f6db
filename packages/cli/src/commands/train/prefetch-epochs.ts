/** A batch with its number in the epoch, from 0. */
interface Numbered {
  number: number;
}

type Epoch<T> = AsyncGenerator<T, void, undefined>;

interface Started<T> {
  epoch: number;
  batches: Epoch<T>;
  first: Promise<IteratorResult<T, void>>;
}

/**
 * Epochs of a loader, each started when the last batch of the one before is handed out: its first batches are made while
 * the model trains on that one and while the validation runs. The batches are the same as without.
 *
 * @param open the batches of an epoch from a given one on; it does nothing before it is asked for the first.
 * @param options.batches batches of an epoch; what comes after them is left out.
 * @param options.epochs none is started from this one on.
 */
export function prefetchEpochs<T extends Numbered>(
  open: (epoch: number, from: number) => Epoch<T>,
  { batches, epochs }: { batches: number; epochs: number },
): (epoch: number, from?: number) => Epoch<T> {
  let prefetched: Started<T> | undefined;

  function start(epoch: number, from = 0): Started<T> {
    const opened = open(epoch, from);
    const first = opened.next();
    first.catch(() => {}); // reported to whoever takes the epoch
    return { epoch, batches: opened, first };
  }

  function prefetch(epoch: number): void {
    if (!prefetched && epoch < epochs) prefetched = start(epoch);
  }

  return async function* epochFrom(epoch, from = 0): Epoch<T> {
    const early = prefetched;
    prefetched = undefined;
    const fits = early?.epoch === epoch && from === 0;
    if (early && !fits) void early.batches.return().catch(() => {});
    const own = early && fits ? early : start(epoch, from);
    try {
      for (let next = await own.first; !next.done; next = await own.batches.next()) {
        if (next.value.number >= batches) return;
        if (next.value.number >= batches - 1) prefetch(epoch + 1);
        yield next.value;
      }
      prefetch(epoch + 1); // where the last batch held nothing that could be read
    } finally {
      await own.batches.return();
    }
  };
}
