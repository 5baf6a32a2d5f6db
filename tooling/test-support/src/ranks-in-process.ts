type Numbers = Float32Array | Float64Array | Uint8Array;

/** What ranks call together; it fits the groups and collectives of the packages. */
export interface RankInProcess {
  rank: number;
  size: number;
  allReduce(numbers: Float32Array | Float64Array): Promise<void>;
  broadcast(numbers: Numbers): Promise<void>;
  gather(bytes: Uint8Array): Promise<Uint8Array[] | undefined>;
}

/** For tests: ranks that are async functions of one process. A call that a rank does not make leaves the others waiting. */
export function ranksInProcess(size: number): RankInProcess[] {
  const calls: { given: Map<number, unknown>; done: () => void; finished: Promise<void> }[] = [];
  const made = new Array<number>(size).fill(0);
  /** What all ranks gave to this call, once all have made it. */
  const meet = async <T>(rank: number, own: T): Promise<T[]> => {
    const number = made[rank]!++;
    let done = (): void => {};
    calls[number] ??= { given: new Map(), finished: new Promise((resolve) => (done = resolve)), done };
    const call = calls[number];
    call.given.set(rank, own);
    if (call.given.size === size) call.done();
    await call.finished;
    return Array.from({ length: size }, (_, one) => call.given.get(one) as T);
  };
  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    async allReduce(numbers: Float32Array | Float64Array) {
      const all = await meet(rank, numbers.slice());
      numbers.fill(0);
      for (const other of all) for (let i = 0; i < numbers.length; i++) numbers[i]! += other[i]!;
    },
    async broadcast(numbers: Numbers) {
      const [first] = await meet(rank, numbers.slice());
      numbers.set(first!);
    },
    async gather(bytes: Uint8Array) {
      const all = await meet(rank, bytes.slice());
      return rank === 0 ? all : undefined;
    },
  }));
}
