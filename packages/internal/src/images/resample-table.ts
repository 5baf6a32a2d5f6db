/** The taps of one axis of a resize, as Pillow computes them (libImaging/Resample.c, precompute_coeffs). */
export type ResampleTable = {
  /** First input sample of each output sample, [out]. */
  first: Int32Array;
  /** Number of taps of each output sample, [out]. */
  count: Int32Array;
  /** 22-bit fixed-point weights, [out * stride]: those of output o start at o * stride. */
  weights: Int32Array;
  stride: number;
};

type Kernel = { support: number; weight: (x: number) => number };

/** The resampling filters, named as in Pillow. */
export const kernels: Readonly<Record<"bilinear" | "bicubic", Kernel>> = {
  bilinear: { support: 1, weight: (x) => (Math.abs(x) < 1 ? 1 - Math.abs(x) : 0) },
  bicubic: { support: 2, weight: cubic },
};

export type Filter = keyof typeof kernels;

/** Bits of the fixed point: 32 - 8 (sample) - 2 (headroom for the sum of bicubic's lobes). */
export const PRECISION_BITS = 22;

/** Keys' cubic convolution with a = -0.5, in Pillow's order of operations. */
function cubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
  return 0;
}

const cache = new Map<string, ResampleTable>();
// A data set has a few hundred different sides; beyond this the oldest table goes.
const CACHE_LIMIT = 1024;

/** The table that maps `inSize` samples to `outSize`; tables are cached. */
export function resampleTable(inSize: number, outSize: number, filter: Filter): ResampleTable {
  const key = `${inSize} ${outSize} ${filter}`;
  let table = cache.get(key);
  if (!table) {
    if (cache.size >= CACHE_LIMIT) cache.delete(cache.keys().next().value!);
    table = buildTable(inSize, outSize, kernels[filter]);
    cache.set(key, table);
  }
  return table;
}

function buildTable(inSize: number, outSize: number, { support: unit, weight }: Kernel): ResampleTable {
  const scale = inSize / outSize;
  // Widening the filter when shrinking is the antialiasing.
  const filterScale = Math.max(scale, 1);
  const support = unit * filterScale;
  const inverse = 1 / filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const table: ResampleTable = {
    first: new Int32Array(outSize),
    count: new Int32Array(outSize),
    weights: new Int32Array(outSize * stride),
    stride,
  };
  const taps = new Float64Array(stride);
  for (let o = 0; o < outSize; o++) {
    const centre = (o + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const count = Math.min(Math.trunc(centre + support + 0.5), inSize) - first;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const w = weight((i + first - centre + 0.5) * inverse);
      taps[i] = w;
      sum += w;
    }
    table.first[o] = first;
    table.count[o] = count;
    for (let i = 0; i < count; i++) {
      // Taps outside the image do not exist: the rest is renormalised.
      const w = sum === 0 ? taps[i]! : taps[i]! / sum;
      table.weights[o * stride + i] = Math.trunc(w * 2 ** PRECISION_BITS + (w < 0 ? -0.5 : 0.5));
    }
  }
  return table;
}
