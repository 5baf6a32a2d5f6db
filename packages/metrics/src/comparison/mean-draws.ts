/** Sums over classes, one per draw. */
type Sums = { ap: Float64Array; classes: Float64Array; size: number };

/** mAP(C), mAP(O) and the mAP(C) of groups of one run under every draw, added up class after class. */
export class MeanDraws {
  readonly #all: Sums;
  readonly #weighted: Float64Array;
  readonly #positives: Float64Array;
  readonly #groups = new Map<string, Sums>();

  constructor(draws: number) {
    this.#all = emptySums(draws);
    this.#weighted = new Float64Array(draws);
    this.#positives = new Float64Array(draws);
  }

  /** Adds a class; returns its AP, NaN where a draw lacks it. */
  add(
    { ap, positives }: { ap: Float64Array; positives: Float64Array },
    group: string | undefined,
  ): Float64Array {
    addTo(this.#all, ap);
    if (group !== undefined) {
      const own = this.#groups.get(group) ?? emptySums(ap.length);
      this.#groups.set(group, own);
      addTo(own, ap);
    }
    for (let draw = 0; draw < ap.length; draw++) {
      if (Number.isNaN(ap[draw]!)) continue;
      this.#weighted[draw]! += ap[draw]! * positives[draw]!;
      this.#positives[draw]! += positives[draw]!;
    }
    return ap;
  }

  get mapC(): Float64Array {
    return meanOf(this.#all);
  }

  get mapO(): Float64Array {
    return this.#weighted.map((sum, draw) => sum / this.#positives[draw]!);
  }

  /** In the order of their first class, with the number of classes that count. */
  get groups(): { group: string; classes: number }[] {
    return [...this.#groups].map(([group, { size }]) => ({ group, classes: size }));
  }

  groupMap(group: string): Float64Array {
    return meanOf(this.#groups.get(group)!);
  }
}

const emptySums = (draws: number): Sums => ({
  ap: new Float64Array(draws),
  classes: new Float64Array(draws),
  size: 0,
});

function addTo(sums: Sums, ap: Float64Array): void {
  sums.size++;
  for (let draw = 0; draw < ap.length; draw++) {
    if (Number.isNaN(ap[draw]!)) continue;
    sums.ap[draw]! += ap[draw]!;
    sums.classes[draw]!++;
  }
}

const meanOf = ({ ap, classes }: Sums): Float64Array => ap.map((sum, draw) => sum / classes[draw]!);
