/** Buckets per distinct key: more cost cache misses, fewer leave more entries to a search. Measured at 3.6% positives. */
const BUCKETS_PER_KEY = 8;
const MIN_BUCKET_BITS = 8;
const MAX_BUCKET_BITS = 16;

/** Entries counted before the ones that need a search are placed: few enough to stay in the first-level cache. */
const CHUNK = 4096;

// Scratch of the hot loop, overwritten by every call. Constants of the module, because the engine folds their addresses
// and lengths into the loop: as fields of an object they cost twice the time.
const histogram = new Int32Array(2 ** MAX_BUCKET_BITS + 4);
const occupied = new Uint8Array(histogram.length);
const first = new Int32Array(histogram.length);
const unresolved = new Int32Array(CHUNK);

/** Where keys fall: bucket = (key >> shift) - base; 0 lies below every boundary, `top` above. */
type Buckets = { shift: number; base: number; top: number };

/** Ascending distinct boundary keys with, for each, the counters that countBetween adds to. */
export type Boundaries = {
  keys: Int32Array;
  /** How many of `keys` are in use; at least 1. */
  length: number;
  /** equal[i]: entries equal to keys[i]. */
  equal: Int32Array;
  /** below[i]: entries strictly between keys[i - 1] and keys[i]; below[length]: beyond the last. below[0] stays 0. */
  below: Int32Array;
};

/**
 * Counts how many of the first `count` entries fall on and between the boundaries, without sorting them. Each is
 * counted in a bucket of the range that the boundaries span; a bucket without a boundary is finished by a running sum,
 * and an entry that shares its bucket with boundaries is placed by a short search.
 * O(entries), O(entries * log boundaries) when the keys crowd into few buckets.
 */
export function countBetween(boundaries: Boundaries, entries: Int32Array, count: number): void {
  const buckets = layOut(boundaries);
  for (let start = 0; start < count; start += CHUNK) {
    const kept = countBuckets(entries, start, Math.min(start + CHUNK, count), buckets);
    placeUnresolved(boundaries, kept, buckets);
  }
  const { below, length } = boundaries;
  let between = histogram[buckets.top]!;
  for (let bucket = buckets.top - 1, i = length; bucket > 0; bucket--) {
    if (occupied[bucket] === 0) between += histogram[bucket]!;
    else {
      below[i]! += between;
      between = 0;
      i = first[bucket]!;
    }
  }
}

function layOut({ keys, length }: Boundaries): Buckets {
  const wanted = Math.ceil(Math.log2(length * BUCKETS_PER_KEY));
  const bits = Math.min(Math.max(wanted, MIN_BUCKET_BITS), MAX_BUCKET_BITS);
  const lowest = keys[0]!;
  const highest = keys[length - 1]!;
  const shift = Math.max(1, 32 - Math.clz32(highest - lowest) - bits);
  const base = (lowest >> shift) - 1;
  const top = (highest >> shift) - base + 1;
  histogram.fill(0, 0, top + 1);
  occupied.fill(0, 0, top + 1);
  for (let i = length - 1; i >= 0; i--) {
    const bucket = (keys[i]! >> shift) - base;
    occupied[bucket] = 1;
    first[bucket] = i;
  }
  return { shift, base, top };
}

/**
 * Counts entries [start, end) in their buckets and keeps those of occupied buckets in `unresolved`; returns how many.
 * No branch depends on the data: this is the hot loop.
 */
function countBuckets(
  entries: Int32Array,
  start: number,
  end: number,
  { shift, base, top }: Buckets,
): number {
  let kept = 0;
  for (let i = start; i < end; i++) {
    const key = entries[i]!;
    let bucket = (key >> shift) - base;
    bucket &= ~(bucket >> 31);
    const beyond = bucket - top;
    bucket -= beyond & ~(beyond >> 31);
    histogram[bucket]!++;
    unresolved[kept] = key;
    kept += occupied[bucket]!;
  }
  return kept;
}

/** Places each kept entry on or below the first boundary that is not smaller: galloping, then halving. */
function placeUnresolved(
  { keys, length, equal, below }: Boundaries,
  kept: number,
  { shift, base }: Buckets,
): void {
  for (let i = 0; i < kept; i++) {
    const key = unresolved[i]!;
    let low = first[(key >> shift) - base]!;
    let step = 1;
    while (low + step <= length && keys[low + step - 1]! < key) {
      low += step;
      step *= 2;
    }
    let high = Math.min(length, low + step - 1);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    if (low < length && keys[low] === key) equal[low]!++;
    else below[low]!++;
  }
}
