type Shape4 = readonly [batch: number, height: number, width: number, channels: number];

/** Position beside an edge, mirrored without repeating the edge itself. */
const reflect = (i: number, n: number): number => (i < 0 ? -i : i >= n ? 2 * n - 2 - i : i);

/** The blur of `CslBlurPool`, one output row at a time: first down the columns, then along the row. */
export function blurPoolForward(
  x: Float32Array,
  y: Float32Array,
  [batch, height, width, channels]: Shape4,
): void {
  const stride = width * channels;
  const column = new Float32Array(stride);
  const columns = Math.ceil(width / 2);
  let out = 0;
  for (let b = 0; b < batch; b++) {
    for (let row = 0; row < height; row += 2) {
      const above = (b * height + reflect(row - 1, height)) * stride;
      const middle = (b * height + row) * stride;
      const below = (b * height + reflect(row + 1, height)) * stride;
      for (let i = 0; i < stride; i++) column[i] = x[above + i]! + 2 * x[middle + i]! + x[below + i]!;
      for (let i = 0; i < columns; i++) {
        const left = reflect(2 * i - 1, width) * channels;
        const center = 2 * i * channels;
        const right = reflect(2 * i + 1, width) * channels;
        for (let c = 0; c < channels; c++)
          y[out++] = (column[left + c]! + 2 * column[center + c]! + column[right + c]!) / 16;
      }
    }
  }
}

/** Its transpose: each dy row is spread along the row once, then two neighbours make the rows of dx. */
export function blurPoolBackward(
  dy: Float32Array,
  dx: Float32Array,
  [batch, height, width, channels]: Shape4,
): void {
  const rows = Math.ceil(height / 2);
  const columns = Math.ceil(width / 2);
  const stride = width * channels;
  let current = new Float32Array(stride);
  let next = new Float32Array(stride);
  const spread = (target: Float32Array, start: number): void => {
    for (let i = 0; i < width; i++) {
      // Even: dy[i/2] / 2; odd: the mean of two neighbours / 2, edges counted as `edgeCount` says.
      const first = (i >> 1) * channels;
      const second = first + channels;
      const even = i % 2 === 0;
      const a = even ? 2 : edgeCount(i >> 1, width);
      const b = even || (i >> 1) + 1 >= columns ? 0 : edgeCount((i >> 1) + 1, width);
      const to = i * channels;
      if (b === 0) for (let c = 0; c < channels; c++) target[to + c] = a * dy[start + first + c]!;
      else
        for (let c = 0; c < channels; c++)
          target[to + c] = a * dy[start + first + c]! + b * dy[start + second + c]!;
    }
  };
  for (let b = 0; b < batch; b++) {
    const source = b * rows * columns * channels;
    spread(current, source);
    for (let row = 0; row < rows; row++) {
      const to = (b * height + 2 * row) * stride;
      for (let i = 0; i < stride; i++) dx[to + i] = current[i]! / 8;
      const last = row + 1 >= rows;
      if (!last) spread(next, source + (row + 1) * columns * channels);
      if (2 * row + 1 < height) {
        const a = edgeCount(row, height) / 16;
        const c = last ? 0 : edgeCount(row + 1, height) / 16;
        const odd = to + stride;
        if (last) for (let i = 0; i < stride; i++) dx[odd + i] = a * current[i]!;
        else for (let i = 0; i < stride; i++) dx[odd + i] = a * current[i]! + c * next[i]!;
      }
      [current, next] = [next, current];
    }
  }
}

/** How often dy[i] reaches its odd neighbour: twice where the padding mirrors that neighbour, else once. */
function edgeCount(i: number, n: number): number {
  return i === 0 || (n % 2 === 1 && i === (n - 1) / 2) ? 2 : 1;
}
