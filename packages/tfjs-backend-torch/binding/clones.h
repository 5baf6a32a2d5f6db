// Functions that are compiled several times, for older and newer CPUs, of which the running one gets its own: the binding
// stays valid when its cache moves to another machine.
#pragma once

// Loops written for AVX-512 by hand: a CPU is asked for it at run time. Elsewhere, and with CSL_PORTABLE (for tests of that
// way), libtorch's own operators compute the same.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__APPLE__) && !defined(CSL_PORTABLE)
#define CSL_AVX512 1
#endif

#define CSL_INLINE inline __attribute__((always_inline))
#define CSL_LAMBDA __attribute__((always_inline))

// CSL_CLONED(type, name, (int a, int b), (a, b)) makes the function `name` of `nameBody`, which must be CSL_INLINE, as must
// what it calls.
#ifdef CSL_AVX512
// Not by target_clones: g++ 11 does not know these levels there, clang asks for a CPU of that very name, and musl's loader
// does not choose.
#define CSL_CLONED(type, name, parameters, arguments)                                                              \
  __attribute__((target("arch=x86-64-v4"))) static type name##V4 parameters { return name##Body arguments; }       \
  __attribute__((target("arch=x86-64-v3"))) static type name##V3 parameters { return name##Body arguments; }       \
  static type name##V1 parameters { return name##Body arguments; }                                                 \
  static type name parameters {                                                                                    \
    return ::csl::machineLevel() == 4   ? name##V4 arguments                                                       \
           : ::csl::machineLevel() == 3 ? name##V3 arguments                                                       \
                                        : name##V1 arguments;                                                      \
  }

namespace csl {
// Of x86-64: 4, 3 or less.
inline int machineLevel() {
  static const int level = [] {
    bool three = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                 __builtin_cpu_supports("bmi2");
    bool four = three && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl");
    return four ? 4 : three ? 3 : 1;
  }();
  return level;
}
}  // namespace csl
#else
#define CSL_CLONED(type, name, parameters, arguments) \
  static type name parameters { return name##Body arguments; }
#endif

// The pointers of the next loop are the same memory or strangers.
#ifdef __clang__
#define CSL_NO_OVERLAP _Pragma("clang loop vectorize(assume_safety)")
#else
#define CSL_NO_OVERLAP _Pragma("GCC ivdep")
#endif

// LLVM 16 crashes over a register of bfloat16 that is one word broadcast; this hides where it came from.
#if defined(__clang__) && __clang_major__ >= 15 && __clang_major__ < 19
#define CSL_HIDE_BROADCAST(words) asm("" : "+v"(words))
#else
#define CSL_HIDE_BROADCAST(words)
#endif
