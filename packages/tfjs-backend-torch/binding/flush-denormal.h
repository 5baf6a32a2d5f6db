// Denormals cost a hundred times more than other numbers and never matter to a network. The switch belongs to the thread,
// and on the thread that called us JavaScript runs as well, where 5e-324 must stay more than zero: it is on during a call
// only. libtorch's own threads inherit it when the first parallel operator creates them, and keep it.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace csl {

class FlushDenormal {
 public:
#if defined(__SSE2__)
  FlushDenormal() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }  // FTZ, DAZ
  ~FlushDenormal() { _mm_setcsr(before_); }

 private:
  unsigned int before_;
#elif defined(__aarch64__)
  FlushDenormal() : before_(read()) { write(before_ | (1ull << 24)); }  // FPCR.FZ
  ~FlushDenormal() { write(before_); }

 private:
  static uint64_t read() {
    uint64_t value;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void write(uint64_t value) { asm volatile("msr fpcr, %0" : : "r"(value)); }
  uint64_t before_;
#endif
};

}  // namespace csl
