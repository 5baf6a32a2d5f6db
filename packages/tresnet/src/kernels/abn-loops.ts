/** Per-channel statistics of [..., channels] values. */
export interface ChannelStatistics {
  mean: Float32Array;
  /** Biased. */
  variance: Float32Array;
}

export interface AbnParameters {
  weight: Float32Array;
  bias: Float32Array;
  epsilon: number;
  slope: number;
}

/** Fills mean and biased variance over all but the last axis. */
export function channelStatistics(x: Float32Array, { mean, variance }: ChannelStatistics): void {
  const channels = mean.length;
  // Float64 sums of float32 values: E[x²] − E[x]² loses nothing that float32 could hold. The first pixel is
  // subtracted first, so a large common offset does not cancel either.
  const sum = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const offset = Float64Array.from(x.subarray(0, channels));
  for (let start = 0; start < x.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const v = x[start + c]! - offset[c]!;
      sum[c]! += v;
      squares[c]! += v * v;
    }
  }
  const count = x.length / channels;
  for (let c = 0; c < channels; c++) {
    const average = sum[c]! / count;
    mean[c] = average + offset[c]!;
    variance[c] = Math.max(squares[c]! / count - average * average, 0);
  }
}

/** y = leaky(x̂ · (|w| + ε) + b). */
export function abnForward(
  x: Float32Array,
  y: Float32Array,
  { mean, variance }: ChannelStatistics,
  { weight, bias, epsilon, slope }: AbnParameters,
): void {
  const channels = weight.length;
  const scale = new Float64Array(channels);
  const shift = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    scale[c] = (Math.abs(weight[c]!) + epsilon) / Math.sqrt(variance[c]! + epsilon);
    shift[c] = bias[c]! - mean[c]! * scale[c]!;
  }
  for (let start = 0; start < x.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const bn = x[start + c]! * scale[c]! + shift[c]!;
      y[start + c] = bn > 0 ? bn : bn * slope;
    }
  }
}

/** The gradient from the activated output; the formula stands at `CslAbnGrad`. */
export function abnGradient(
  dy: Float32Array,
  { y, variance, frozen }: { y: Float32Array; variance: Float32Array; frozen: boolean },
  { dx, dweight, dbias }: { dx: Float32Array; dweight: Float32Array; dbias: Float32Array },
  { weight, bias, epsilon, slope }: AbnParameters,
): void {
  const channels = weight.length;
  const inverseSlope = 1 / slope;
  const sumDz = new Float64Array(channels);
  const sumScaled = new Float64Array(channels);
  for (let start = 0; start < y.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const v = y[start + c]!;
      const g = dy[start + c]!;
      const positive = v > 0;
      const dz = positive ? g : g * slope;
      const scaled = (positive ? v : v * inverseSlope) - bias[c]!; // γ·x̂
      sumDz[c]! += dz;
      sumScaled[c]! += dz * scaled;
    }
  }
  const count = y.length / channels;
  const factor = new Float64Array(channels);
  const alongX = new Float64Array(channels);
  const constant = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    const gamma = Math.abs(weight[c]!) + epsilon;
    const dgamma = sumScaled[c]! / gamma;
    dbias[c] = sumDz[c]!;
    dweight[c] = weight[c]! < 0 ? -dgamma : dgamma;
    const inverse = 1 / Math.sqrt(variance[c]! + epsilon);
    factor[c] = gamma * inverse;
    if (frozen) continue;
    alongX[c] = (-dgamma * inverse) / count;
    constant[c] = (-sumDz[c]! * factor[c]!) / count - alongX[c]! * bias[c]!;
  }
  for (let start = 0; start < y.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const v = y[start + c]!;
      const g = dy[start + c]!;
      dx[start + c] =
        v > 0
          ? g * factor[c]! + v * alongX[c]! + constant[c]!
          : g * slope * factor[c]! + v * inverseSlope * alongX[c]! + constant[c]!;
    }
  }
}
