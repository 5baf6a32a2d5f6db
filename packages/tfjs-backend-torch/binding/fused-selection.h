// Which un-annotated entries a partial loss leaves out: the policies of @csl/partial-loss.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace csl {

// Entries with label −1, of a class whose prior allows it, that are among the k largest logits of their pool. Among equal
// logits the one with the smaller index counts first.
struct Selection {
  const float* logits;
  const float* labels;
  int64_t rows, classes;
  // The prior of each class is over the threshold; empty without prior.
  std::vector<uint8_t> overPrior;
  bool spareIgnored = false;

  // The last entry that still belongs to the largest: everything above its logit does, and what equals it up to its index.
  struct Edge {
    float logit = std::numeric_limits<float>::infinity();
    int64_t index = -1;
    bool includes(float other, int64_t at) const { return other > logit || (other == logit && at <= index); }
  };

  bool competes(int64_t i, int64_t column) const {
    return labels[i] == -1 && !(spareIgnored && !overPrior.empty() && overPrior[column]);
  }

  // Of the k largest of rows [first, last).
  Edge edge(int64_t first, int64_t last, int64_t k) const;

 private:
  Edge edgeAt(float logit, int64_t rank, int64_t first, int64_t last) const;
  Edge edgeOfFew(int64_t first, int64_t last, int64_t k) const;
};

}  // namespace csl
