import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";

interface CropInputs {
  image: tf.TensorInfo;
  boxes: tf.TensorInfo;
  boxInd: tf.TensorInfo;
}
interface CropAttributes {
  cropSize: [number, number];
  method: "bilinear" | "nearest";
  extrapolationValue: number;
}

/** Boxes cut out of images, each resized to one size. The boxes are read back to the host; the pixels are not. */
export const cropKernels: tf.KernelConfig[] = [
  defineKernel<CropInputs, CropAttributes>("CropAndResize", ({ image, boxes, boxInd }, attrs, scope) => {
    const [batch, height, width, channels] = image.shape as [number, number, number, number];
    const { cropSize, method, extrapolationValue } = attrs;
    const { op, float, keep, constant, backend } = scope;
    const corners = backend.readSync(boxes.dataId) as Float32Array;
    const boxImages = backend.readSync(boxInd.dataId) as Int32Array;
    const count = boxes.shape[0]!;
    const shape = [count, ...cropSize, channels];
    const pixels = op("reshape", float(image), [-1, channels]);
    const rows = places(corners, 0, height, cropSize[0]);
    const columns = places(corners, 1, width, cropSize[1]);

    /** The pixels at rounded places: [count, height, width, channels]. */
    const pick = (roundRow: Round, roundColumn: Round): number => {
      const at = new Int32Array(count * cropSize[0] * cropSize[1]);
      forEachPixel(count, cropSize, (i, box, r, c) => {
        const ofBatch = Math.min(batch - 1, Math.max(0, boxImages[box]!));
        const row = inside(roundRow(rows[r]!), height);
        at[i] = (ofBatch * height + row) * width + inside(roundColumn(columns[c]!), width);
      });
      return op("reshape", op("index_select", pixels, 0, constant(at)), shape);
    };
    const part = (of: Float64Array, side: number[]): number =>
      constant(
        Float32Array.from(of, (at) => at - Math.floor(at)),
        [count, ...side],
      );
    const bilinear = (): number => {
      const [across, down] = [part(columns, [1, cropSize[1], 1]), part(rows, [cropSize[0], 1, 1])];
      const top = op("lerp.Tensor", pick(Math.floor, Math.floor), pick(Math.floor, Math.ceil), across);
      const bottom = op("lerp.Tensor", pick(Math.ceil, Math.floor), pick(Math.ceil, Math.ceil), across);
      return op("lerp.Tensor", top, bottom, down);
    };
    const crops = method === "bilinear" ? bilinear() : pick(Math.round, Math.round);
    const known = new Float32Array(count * cropSize[0] * cropSize[1]);
    const absent = new Float32Array(known.length);
    forEachPixel(count, cropSize, (i, box, r, c) => {
      const outside = isOutside(rows[r]!, height) || isOutside(columns[c]!, width);
      // A box of no image stays 0; what is next to its image takes the given value.
      known[i] = outside || boxImages[box]! >= batch ? 0 : 1;
      absent[i] = outside && boxImages[box]! < batch ? extrapolationValue : 0;
    });
    const mask = op("ne.Scalar", constant(known, [...shape.slice(0, 3), 1]), 0);
    return keep(op("where.self", mask, crops, constant(absent, [...shape.slice(0, 3), 1])), shape, "float32");
  }),
];

type Round = (at: number) => number;

/** Where the samples of each box lie along an axis, in pixels: [count · out]. Boxes are [y1, x1, y2, x2] in units of the side. */
function places(boxes: Float32Array, axis: 0 | 1, side: number, out: number): Float64Array {
  return Float64Array.from({ length: (boxes.length / 4) * out }, (_, i) => {
    const box = Math.floor(i / out) * 4 + axis;
    const [from, to] = [boxes[box]!, boxes[box + 2]!];
    if (out === 1) return 0.5 * (from + to) * (side - 1);
    return from * (side - 1) + ((i % out) * (to - from) * (side - 1)) / (out - 1);
  });
}

function forEachPixel(
  count: number,
  [height, width]: [number, number],
  visit: (i: number, box: number, row: number, column: number) => void,
): void {
  for (let box = 0, i = 0; box < count; box++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) visit(i, box, box * height + y, box * width + x);
    }
  }
}

const inside = (at: number, side: number): number => Math.min(side - 1, Math.max(0, at));
const isOutside = (at: number, side: number): boolean => at < 0 || at > side - 1;
