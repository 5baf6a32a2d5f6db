/** A batch that knows its place in the epoch, from 0. */
interface Numbered {
  number: number;
}

type Epoch<T> = AsyncGenerator<T, void, undefined>;

interface Begun<T> {
  epoch: number;
  batches: Epoch<T>;
  first: Promise<IteratorResult<T, void>>;
}

/**
 * Epochs of a loader, each begun when the last batch of the one before is handed out: its first batches are made while
 * that one is trained on and while the validation runs. What they hold is the same as without.
 *
 * @param open the batches of an epoch from a given one on; it does nothing before it is asked for the first.
 * @param options.batches batches of an epoch.
 * @param options.epochs none is begun from this one on.
 */
export function epochsAhead<T extends Numbered>(
  open: (epoch: number, from: number) => Epoch<T>,
  { batches, epochs }: { batches: number; epochs: number },
): (epoch: number, from?: number) => Epoch<T> {
  let ahead: Begun<T> | undefined;

  function begin(epoch: number, from = 0): Begun<T> {
    const opened = open(epoch, from);
    const first = opened.next();
    first.catch(() => {}); // whoever takes the epoch hears of it
    return { epoch, batches: opened, first };
  }

  function beginNext(epoch: number): void {
    if (!ahead && epoch < epochs) ahead = begin(epoch);
  }

  return async function* epochFrom(epoch, from = 0): Epoch<T> {
    const early = ahead;
    ahead = undefined;
    const fits = early?.epoch === epoch && from === 0;
    if (early && !fits) void early.batches.return().catch(() => {});
    const own = early && fits ? early : begin(epoch, from);
    try {
      for (let next = await own.first; !next.done; next = await own.batches.next()) {
        if (next.value.number >= batches - 1) beginNext(epoch + 1);
        yield next.value;
      }
      beginNext(epoch + 1); // where the last batch held nothing that could be read
    } finally {
      await own.batches.return();
    }
  };
}
