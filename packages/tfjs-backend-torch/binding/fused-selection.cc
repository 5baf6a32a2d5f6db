#include "fused-selection.h"

#include <algorithm>
#include <functional>

#include "fused-loops.h"

namespace csl {
namespace {

// Orders as the numbers do.
CSL_INLINE uint32_t keyOf(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value + 0.0f);  // −0 is 0
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}
CSL_INLINE float valueOf(uint32_t key) { return std::bit_cast<float>(key & 0x80000000u ? key & 0x7fffffffu : ~key); }

constexpr int64_t bins = 65536;
constexpr Selection::Edge everything{-std::numeric_limits<float>::infinity(), std::numeric_limits<int64_t>::max()};

}  // namespace

// The edge where its logit is known: `rank` of the entries that equal it belong.
Selection::Edge Selection::edgeAt(float logit, int64_t rank, int64_t first, int64_t last) const {
  for (int64_t row = first; row < last; row++) {
    for (int64_t c = 0, i = row * classes; c < classes; c++, i++) {
      if (logits[i] == logit && competes(i, c) && --rank == 0) return {logit, i};
    }
  }
  return {logit, last * classes};
}

Selection::Edge Selection::edgeOfFew(int64_t first, int64_t last, int64_t k) const {
  std::vector<uint32_t> keys;
  for (int64_t row = first; row < last; row++) {
    for (int64_t c = 0, i = row * classes; c < classes; c++, i++) {
      if (competes(i, c)) keys.push_back(keyOf(logits[i]));
    }
  }
  if (static_cast<int64_t>(keys.size()) <= k) return everything;
  std::nth_element(keys.begin(), keys.begin() + k - 1, keys.end(), std::greater<>());
  uint32_t key = keys[k - 1];
  int64_t equal = std::count(keys.begin(), keys.begin() + k, key);  // all that are larger stand before
  return edgeAt(valueOf(key), equal, first, last);
}

// Two histograms, of the upper and of the lower half of the keys, find the k-th largest without sorting.
Selection::Edge Selection::edge(int64_t first, int64_t last, int64_t k) const {
  if (k <= 0) return {};
  if ((last - first) * classes <= bins) return edgeOfFew(first, last, k);
  int64_t threads = last - first > 1 ? at::get_num_threads() : 1;
  int64_t each = (last - first + threads - 1) / threads;
  auto histogram = [&](auto binOf) {
    std::vector<std::vector<uint32_t>> counts(threads, std::vector<uint32_t>(bins));
    auto count = [&](int64_t t) {
      auto& own = counts[t];
      for (int64_t row = first + t * each; row < std::min(last, first + (t + 1) * each); row++) {
        for (int64_t c = 0, i = row * classes; c < classes; c++, i++) {
          if (!competes(i, c)) continue;
          int64_t bin = binOf(keyOf(logits[i]));
          if (bin >= 0) own[bin]++;
        }
      }
    };
    if (threads == 1) {
      count(0);
    } else {
      at::parallel_for(0, threads, 1, [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; t++) count(t);
      });
    }
    for (int64_t t = 1; t < threads; t++) {
      for (int64_t b = 0; b < bins; b++) counts[0][b] += counts[t][b];
    }
    return std::move(counts[0]);
  };
  // The bin in which the k-th largest lies; k becomes its rank there. −1: there are fewer than k.
  auto descend = [&](const std::vector<uint32_t>& counts) {
    int64_t bin = bins - 1;
    while (bin >= 0 && counts[bin] < k) k -= counts[bin--];
    return bin;
  };
  int64_t upper = descend(histogram([](uint32_t key) { return static_cast<int64_t>(key >> 16); }));
  if (upper < 0) return everything;
  auto counts = histogram([&](uint32_t key) { return key >> 16 == upper ? static_cast<int64_t>(key & 0xffff) : -1; });
  int64_t lower = descend(counts);
  float logit = valueOf(static_cast<uint32_t>(upper << 16 | lower));
  if (counts[lower] == k) return {logit, last * classes};  // all of the equal ones belong
  return edgeAt(logit, k, first, last);
}

}  // namespace csl
