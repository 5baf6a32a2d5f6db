import type { Arithmetic } from "./arithmetic.js";

/**
 * Images as bytes [batch, height, width, 3] of any size -> [batch, 3, side, side] in [0, 1], squashed by the filter that
 * Pillow and @csl/image-batches have: onnxruntime's result differs by at most 1 of 255, in one of a thousand samples. What
 * lies outside of an image has no weight, which is not ONNX's default. The colours are made the second axis first: runtimes that resize in any layout resize
 * this one.
 */
export function addPreprocessing(
  { graph, floatType, constant }: Arithmetic,
  images: string,
  side: number,
): string {
  const planes = graph.node("Transpose", [images], { name: "images.planes", perm: [0, 3, 1, 2] });
  // By all four axes: onnxruntime's optimizer moves the transposition, and forgets that sizes may be of two.
  const batch = graph.node("Shape", [images], { name: "images.batch", start: 0, end: 1 });
  const sizes = graph.node("Concat", [batch, graph.integers("images.square", [3, side, side])], {
    ...{ name: "images.sizes", axis: 0 },
  });
  const resized = graph.node("Resize", [planes, "", "", sizes], {
    ...{ name: "images.resized", mode: "linear", antialias: 1, exclude_outside: 1 },
    coordinate_transformation_mode: "half_pixel",
  });
  const numbers = graph.node("Cast", [resized], { name: "images.numbers", to: floatType });
  const white = constant("images.white", { shape: [], make: () => Float32Array.of(255) });
  return graph.node("Div", [numbers, white], { name: "images.scaled" });
}
