// Loops over [rows, channels] in plain memory, float32 or bfloat16, arithmetic always in float32.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "clones.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

// name<float> and name<Bf16> as two functions of their own, in every clone.
#define CSL_BOTH_TYPES(name, parameters, arguments)                                  \
  CSL_INLINE void name##F32Body parameters { name<float> arguments; }                \
  CSL_INLINE void name##Bf16Body parameters { name<Bf16> arguments; }                \
  CSL_CLONED(void, name##F32, parameters, arguments)                                 \
  CSL_CLONED(void, name##Bf16, parameters, arguments)
#define CSL_DISPATCH(type, name, arguments) ((type) == at::kFloat ? name##F32 arguments : name##Bf16 arguments)

namespace csl {

struct Bf16 {
  uint16_t bits;
};

CSL_INLINE float load(float value) { return value; }
CSL_INLINE float load(Bf16 value) { return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16); }

CSL_INLINE void store(float& to, float value) { to = value; }
// Half to even; what is not a number stays one.
CSL_INLINE void store(Bf16& to, float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  to.bits = static_cast<uint16_t>(value == value ? rounded : (bits >> 16) | 0x40);
}

typedef float Lanes __attribute__((vector_size(64)));
constexpr int64_t lanes = 16;

CSL_INLINE Lanes loadLanes(const float* from) {
  Lanes v;
  std::memcpy(&v, from, sizeof(v));
  return v;
}
CSL_INLINE Lanes loadLanes(const Bf16* from) {
  typedef uint16_t Halves __attribute__((vector_size(32)));
  typedef uint32_t Words __attribute__((vector_size(64)));
  Halves halves;
  std::memcpy(&halves, from, sizeof(halves));
  Words words = __builtin_convertvector(halves, Words) << 16;
  return std::bit_cast<Lanes>(words);
}

// Adds to sums[k · channels + c] the values that `values(index, out)` gives for every row, K per entry. Sums of 256 rows
// are float32, sums of those are double: as exact as double throughout, at the speed of float32.
template <int K, typename AtLanes, typename AtOne>
CSL_INLINE void columnSums(int64_t rows, int64_t channels, double* sums, AtLanes atLanes, AtOne atOne) {
  for (int64_t first = 0; first < rows; first += 256) {
    int64_t last = first + 256 < rows ? first + 256 : rows;
    int64_t c = 0;
    for (; c + 2 * lanes <= channels; c += 2 * lanes) {
      Lanes total[2][K] = {};
      for (int64_t row = first; row < last; row++) {
        for (int half = 0; half < 2; half++) {
          Lanes values[K];
          atLanes(row * channels + c + half * lanes, c + half * lanes, values);
          for (int k = 0; k < K; k++) total[half][k] += values[k];
        }
      }
      for (int half = 0; half < 2; half++) {
        for (int k = 0; k < K; k++) {
          for (int lane = 0; lane < lanes; lane++) sums[k * channels + c + half * lanes + lane] += total[half][k][lane];
        }
      }
    }
    for (; c < channels; c++) {
      double total[K] = {};
      for (int64_t row = first; row < last; row++) {
        float values[K];
        atOne(row * channels + c, c, values);
        for (int k = 0; k < K; k++) total[k] += values[k];
      }
      for (int k = 0; k < K; k++) sums[k * channels + c] += total[k];
    }
  }
}

// Rows in parts for the threads, each with its own sums, which are added at the end in the order of the parts.
template <typename Part>
std::vector<double> parallelSums(int64_t rows, int64_t width, int64_t channels, Part part) {
  int64_t parts = std::min<int64_t>(at::get_num_threads(), std::max<int64_t>(1, rows * channels / 16384));
  std::vector<std::vector<double>> sums(parts, std::vector<double>(width));
  int64_t each = (rows + parts - 1) / parts;
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; p++) {
      int64_t first = p * each;
      int64_t last = std::min(rows, first + each);
      if (first < last) part(first, last, sums[p].data());
    }
  });
  for (int64_t p = 1; p < parts; p++) {
    for (int64_t i = 0; i < width; i++) sums[0][i] += sums[p][i];
  }
  return std::move(sums[0]);
}

// How many rows make a part worth a thread.
inline int64_t rowGrain(int64_t width) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, width)); }

inline size_t sizeOf(at::ScalarType type) { return type == at::kFloat ? 4 : 2; }
inline const char* at_(const at::Tensor& x, int64_t element) {
  return static_cast<const char*>(x.data_ptr()) + element * sizeOf(x.scalar_type());
}
inline char* into(const at::Tensor& x, int64_t element) { return const_cast<char*>(at_(x, element)); }

}  // namespace csl
