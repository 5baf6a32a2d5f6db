#include "fused-copy.h"

#include <torch/version.h>

namespace csl {

void copyAll(const Tensors& to, const Tensors& from) {
  Tensors same;
  for (size_t i = 0; i < to.size(); i++) same.push_back(from[i].reshape(to[i].sizes()));
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 2)
  if (!to.empty()) at::_foreach_copy_(to, same);
#else
  for (size_t i = 0; i < to.size(); i++) to[i].copy_(same[i]);
#endif
}

Tensors copiesOf(const Tensors& from) {
  Tensors out;
  for (const auto& x : from) out.push_back(at::empty_like(x));
  copyAll(out, from);
  return out;
}

namespace {

// (to ×n, from ×n)
Tensors copyInto(const Tensors& in, const Numbers&) {
  auto half = in.begin() + in.size() / 2;
  copyAll({in.begin(), half}, {half, in.end()});
  return {};
}

// (x ×n) → ×n
Tensors copies(const Tensors& in, const Numbers&) { return copiesOf(in); }

const Fused fused[] = {{"copyInto", copyInto}, {"copies", copies}};

}  // namespace
}  // namespace csl
