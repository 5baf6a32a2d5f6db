// Threads of the OpenMP library that libtorch has loaded, by the names of its entry points: GNU's, which LLVM's and Intel's
// libraries have, too. No compiler's -fopenmp: clang's asks for LLVM's library beside libtorch's libgomp, a second pool of
// threads that at::set_num_threads does not know, and Apple's clang has none.
#pragma once

#include <ATen/Config.h>

#if AT_PARALLEL_OPENMP
#ifdef __APPLE__
#define CSL_MAY_LACK __attribute__((weak_import))
#else
#define CSL_MAY_LACK __attribute__((weak))
#endif
extern "C" {
CSL_MAY_LACK void GOMP_parallel(void (*work)(void*), void* data, unsigned threads, unsigned flags);
CSL_MAY_LACK void GOMP_barrier();
CSL_MAY_LACK int omp_get_thread_num();
CSL_MAY_LACK int omp_get_num_threads();
}
#endif

namespace csl {

// work(thread, threads, barrier) once in each of `threads` threads, 0 for as many as usual; it must not throw. One thread
// where there is no such library.
template <typename Work>
void inTeam(int threads, const Work& work) {
#if AT_PARALLEL_OPENMP
  if (!GOMP_parallel) return work(0, 1, [] {});
  auto run = [](void* data) {
    (*static_cast<const Work*>(data))(omp_get_thread_num(), omp_get_num_threads(), [] { GOMP_barrier(); });
  };
  GOMP_parallel(run, const_cast<Work*>(&work), threads, 0);
#else
  work(0, 1, [] {});
#endif
}

}  // namespace csl
