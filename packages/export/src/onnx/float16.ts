import { CslError } from "@csl/internal/errors/csl-error";

/** The largest finite number of float16. */
const largest = 65_504;

/**
 * float32 as the bits of float16, rounded to the nearest, ties to even.
 *
 * @param name of the tensor, for the error
 * @throws CslError `unsupported` for a number that float16 does not hold
 */
export function toFloat16(values: Float32Array, name: string): Uint16Array {
  const source = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(source, (bits, i) => {
    const sign = (bits >>> 16) & 0x8000;
    const exponent = ((bits >>> 23) & 0xff) - 112; // of float16, whose bias is 15
    if (exponent >= 30 && Math.abs(values[i]!) > largest)
      throw new CslError(
        "unsupported",
        `exportOnnx: expected weights up to ±${largest} for float16, got ${values[i]} in ${name}. Export it as float32.`,
      );
    if (exponent < -10) return sign;
    // Subnormal numbers have the leading 1 written out.
    const shift = exponent > 0 ? 13 : 14 - exponent;
    const mantissa = exponent > 0 ? bits & 0x7fffff : (bits & 0x7fffff) | 0x800000;
    const kept = mantissa >>> shift;
    const rest = mantissa & ((1 << shift) - 1);
    const half = 1 << (shift - 1);
    const up = rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0;
    // A carry out of the mantissa goes into the exponent, as it should.
    return sign | ((exponent > 0 ? exponent << 10 : 0) + kept + up);
  });
}
