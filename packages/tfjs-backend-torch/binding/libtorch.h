// What every source begins with, by -include: compiled once for all of them.
#pragma once

#include "team.h"

// at::parallel_for stands in libtorch's headers and computes in one thread where the compiler has no OpenMP; it asks this
// macro and calls invoke_parallel.
#if AT_PARALLEL_OPENMP
#include <cstdint>
#define INTRA_OP_PARALLEL
namespace at {
namespace internal {
template <typename F>
void invoke_parallel(int64_t begin, int64_t end, int64_t grain, const F& f);
}
}  // namespace at
#endif

// Before all others: they hold vectors of IValue, and in C++20 clang wants to know it whole.
#include <ATen/core/ivalue.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#if AT_PARALLEL_OPENMP
#include <algorithm>
#include <atomic>
#include <exception>

// Divides as libtorch's own does (ATen/ParallelOpenMP.h).
template <typename F>
void at::internal::invoke_parallel(int64_t begin, int64_t end, int64_t grain, const F& f) {
  std::atomic_flag failed = ATOMIC_FLAG_INIT;
  std::exception_ptr error;
  csl::inTeam(0, [&](int thread, int threads, auto) {
    int64_t parts = grain > 0 ? std::min<int64_t>(threads, divup(end - begin, grain)) : threads;
    int64_t each = divup(end - begin, parts), first = begin + thread * each;
    if (first >= end) return;
    try {
      ThreadIdGuard guard(thread);
      f(first, std::min(end, first + each));
    } catch (...) {
      if (!failed.test_and_set()) error = std::current_exception();
    }
  });
  if (error) std::rethrow_exception(error);
}
#endif
