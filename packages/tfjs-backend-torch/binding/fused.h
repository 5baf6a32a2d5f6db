// Sequences that are worth typed C++: one call where TensorFlow.js would make dozens, each over the whole memory.
//
//   static const Fused fused("abn", abn);   // callFused(findFused("abn"), [handles], [numbers]) → [handles]
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

namespace csl {

// An undefined tensor stands for an absent one, on both sides.
using Tensors = std::vector<at::Tensor>;
using Numbers = std::vector<double>;
using FusedFunction = Tensors (*)(const Tensors&, const Numbers&);

struct Fused {
  Fused(const char* name, FusedFunction function) { all().emplace_back(name, function); }

  static std::vector<std::pair<std::string, FusedFunction>>& all() {
    static std::vector<std::pair<std::string, FusedFunction>> list;
    return list;
  }
};

// The loops of fused-*.cc read plain memory; anything else takes the formula in operators of libtorch.
inline bool inHostMemory(const at::Tensor& x) {
  return x.is_cpu() && x.is_contiguous() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

}  // namespace csl
