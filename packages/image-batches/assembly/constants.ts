// Vectors of constants in memory: a load is cheaper than building one from its two halves.

/** The pairs of factors of the inverse DCT, scaled by 2^13, for multiply-and-add of (a, b) pairs. */
// prettier-ignore
export const DCT: usize = memory.data<i16>(
  [
    // even part: (z2, z3) → tmp2, tmp3
    4433, -10704, 4433, -10704, 4433, -10704, 4433, -10704, 10703, 4433, 10703, 4433, 10703, 4433, 10703,
    4433,
    // odd part: (z3, z4) → z3, z4
    -6436, 9633, -6436, 9633, -6436, 9633, -6436, 9633, 9633, 6437, 9633, 6437, 9633, 6437, 9633, 6437,
    // (in7, in1) → tmp0, tmp3
    -4927, -7373, -4927, -7373, -4927, -7373, -4927, -7373, -7373, 4926, -7373, 4926, -7373, 4926, -7373,
    4926,
    // (in5, in3) → tmp1, tmp2
    -4176, -20995, -4176, -20995, -4176, -20995, -4176, -20995, -20995, 4177, -20995, 4177, -20995, 4177,
    -20995, 4177,
  ],
  16,
);

/** Byte offset of coefficient k of the zigzag order in a row-major block of int16. */
// prettier-ignore
export const ZIGZAG: usize = memory.data<u8>(
  [
    0, 2, 16, 32, 18, 4, 6, 20, 34, 48, 64, 50, 36, 22, 8, 10, 24, 38, 52, 66, 80, 96, 82, 68, 54, 40, 26, 12,
    14, 28, 42, 56, 70, 84, 98, 112, 114, 100, 86, 72, 58, 44, 30, 46, 60, 74, 88, 102, 116, 118, 104, 90, 76,
    62, 78, 92, 106, 120, 122, 108, 94, 110, 124, 126,
  ],
  16,
);
