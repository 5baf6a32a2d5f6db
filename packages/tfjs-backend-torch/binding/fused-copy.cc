// Copies of many tensors at once: on a device a few launches instead of one for each.
#include <torch/version.h>

#include "fused.h"

namespace csl {
namespace {

void copyAll(const Tensors& to, const Tensors& from) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 2)
  if (!to.empty()) at::_foreach_copy_(to, from);
#else
  for (size_t i = 0; i < to.size(); i++) to[i].copy_(from[i]);
#endif
}

// (to ×n, from ×n; n): the numbers of each into the memory of the other, whatever their shapes.
Tensors overwrite(const Tensors& in, const Numbers& n) {
  auto count = static_cast<size_t>(n[0]);
  Tensors to(in.begin(), in.begin() + count), from;
  for (size_t i = 0; i < count; i++) from.push_back(in[count + i].reshape(to[i].sizes()));
  copyAll(to, from);
  return {};
}

// (x ×n) → the same numbers in memory of their own, ×n
Tensors copies(const Tensors& in, const Numbers&) {
  Tensors out;
  for (const auto& x : in) out.push_back(at::empty_like(x));
  copyAll(out, in);
  return out;
}

const Fused fused[] = {{"overwrite", overwrite}, {"copies", copies}};

}  // namespace
}  // namespace csl
