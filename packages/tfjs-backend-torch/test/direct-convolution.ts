// Convolutions with 3 x 3 filters at stride 1 as plain sums in double precision (a gradient's also with others), which tests
// compare the fast ways with.

export interface Case {
  images: number;
  height: number;
  width: number;
  inputs: number;
  outputs: number;
  pad: number;
  threads: number;
}

/** And shapes without a plan: a linear congruence says which. */
export const others: Case[] = Array.from({ length: 8 }, (_, i) => {
  let state = (i + 1) * 2654435761;
  const upTo = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  return {
    images: 1 + upTo(8),
    height: 3 + upTo(14),
    width: 3 + upTo(14),
    inputs: 32 + 16 * upTo(3),
    outputs: 32 + 32 * upTo(2),
    pad: upTo(3),
    threads: 1 + upTo(4),
  };
});

/** Sums of products, and what rounding is in proportion to. */
export class Sums {
  readonly values: Float64Array;
  /** Of absolute values: of what no rounding exceeds its part. */
  readonly sizes: Float64Array;
  /** Of squares: their square root is what a sum of numbers at random comes to. */
  readonly squares: Float64Array;

  constructor(count: number) {
    this.values = new Float64Array(count);
    this.sizes = new Float64Array(count);
    this.squares = new Float64Array(count);
  }

  add(at: number, product: number): void {
    this.values[at]! += product;
    this.sizes[at]! += Math.abs(product);
    this.squares[at]! += product * product;
  }
}

/** x [b, h, w, in] with filter [3, 3, in, out] at stride 1, in double precision. */
export function convolutionSums(
  x: Float32Array,
  [b, h, w, inputs]: number[],
  filter: Float32Array,
  pad: number,
): Sums {
  const outputs = filter.length / 9 / inputs!;
  const [height, width] = [h! + 2 * pad - 2, w! + 2 * pad - 2];
  const sums = new Sums(b! * height * width * outputs);
  eachPair([b!, h!, w!], [height, width], { side: 3, pad }, (pixel, result, tap) => {
    for (let i = 0; i < inputs!; i++) {
      const value = x[pixel * inputs! + i]!;
      for (let o = 0; o < outputs; o++)
        sums.add(result * outputs + o, value * filter[(tap * inputs! + i) * outputs + o]!);
    }
  });
  return sums;
}

/** The gradient with respect to a filter [side, side, in, out]; dy [b, h', w', out]. */
export function filterGradientSums(
  x: Float32Array,
  [b, h, w, inputs]: number[],
  dy: Float32Array,
  { side = 3, pad = 0 }: { side?: number; pad?: number } = {},
): Sums {
  const [height, width] = [h! + 2 * pad - side + 1, w! + 2 * pad - side + 1];
  const outputs = dy.length / (b! * height * width);
  const sums = new Sums(side * side * inputs! * outputs);
  eachPair([b!, h!, w!], [height, width], { side, pad }, (pixel, result, tap) => {
    for (let i = 0; i < inputs!; i++) {
      const value = x[pixel * inputs! + i]!;
      for (let o = 0; o < outputs; o++)
        sums.add((tap * inputs! + i) * outputs + o, value * dy[result * outputs + o]!);
    }
  });
  return sums;
}

/** Every pixel of the result with every pixel that it looks at, and through which of the filter's taps. */
function eachPair(
  [b, h, w]: [number, number, number],
  [height, width]: [number, number],
  { side, pad }: { side: number; pad: number },
  visit: (pixel: number, result: number, tap: number) => void,
): void {
  for (let result = 0; result < b * height * width; result++) {
    const [image, y, x] = [
      Math.floor(result / (height * width)),
      Math.floor(result / width) % height,
      result % width,
    ];
    for (let tap = 0; tap < side * side; tap++) {
      const [row, column] = [y + Math.floor(tap / side) - pad, x + (tap % side) - pad];
      if (row < 0 || row >= h || column < 0 || column >= w) continue;
      visit((image * h + row) * w + column, result, tap);
    }
  }
}
