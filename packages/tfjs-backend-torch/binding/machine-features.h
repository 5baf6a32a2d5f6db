// What this CPU can do, asked at run time.
#pragma once

#include "fused-loops.h"

namespace csl {

#ifdef CSL_AVX512

inline bool hasAvx512() {
  static bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("fma");
  return has;
}

// Products of bfloat16 matrices as one instruction (AMX). oneDNN uses it; loops over AVX-512 reach a third of its speed.
inline bool hasMatrixUnit() {
  unsigned a = 7, b = 0, c = 0, d = 0;
  __asm__ __volatile__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return d >> 22 & 1;
}

// Whether products of bfloat16 pairs in AVX-512 are the fastest that this machine has.
inline bool bestAtHalves() {
  static bool best = hasAvx512() && __builtin_cpu_supports("avx512bf16") && !hasMatrixUnit();
  return best;
}

#endif

}  // namespace csl
