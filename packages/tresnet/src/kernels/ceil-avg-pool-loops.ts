type Shape4 = readonly [batch: number, height: number, width: number, channels: number];

/** The pool of `CslCeilAvgPool`; at an odd edge the edge row or column stands in for the missing one. */
export function ceilAvgPoolForward(
  x: Float32Array,
  y: Float32Array,
  [batch, height, width, channels]: Shape4,
): void {
  const stride = width * channels;
  let out = 0;
  for (let b = 0; b < batch; b++) {
    for (let row = 0; row < height; row += 2) {
      const upper = (b * height + row) * stride;
      const lower = row + 1 < height ? upper + stride : upper;
      for (let column = 0; column < width; column += 2) {
        const left = column * channels;
        const right = column + 1 < width ? left + channels : left;
        for (let c = 0; c < channels; c++)
          y[out++] =
            (x[upper + left + c]! + x[upper + right + c]! + x[lower + left + c]! + x[lower + right + c]!) / 4;
      }
    }
  }
}

/** Its gradient: dy spread evenly over the window's inputs. */
export function ceilAvgPoolBackward(
  dy: Float32Array,
  dx: Float32Array,
  [batch, height, width, channels]: Shape4,
): void {
  const rows = Math.ceil(height / 2);
  const columns = Math.ceil(width / 2);
  let to = 0;
  for (let b = 0; b < batch; b++) {
    for (let row = 0; row < height; row++) {
      const rowShare = (row | 1) < height ? 0.5 : 1;
      const from = (b * rows + (row >> 1)) * columns;
      for (let column = 0; column < width; column++) {
        const share = (column | 1) < width ? rowShare * 0.5 : rowShare;
        const source = (from + (column >> 1)) * channels;
        for (let c = 0; c < channels; c++) dx[to++] = dy[source + c]! * share;
      }
    }
  }
}
