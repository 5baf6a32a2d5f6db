#include "fused-adam-device.h"

#include <torch/version.h>

#include <cmath>
#include <map>

// libtorch's one kernel for a step over many tensors, and a moving average over lists: 2.1 has both.
#define CSL_ADAM_OF_LIBTORCH (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1))

namespace csl {
namespace {

// What a step shares over the parameters of one weight decay.
struct Rate {
  double lr, beta1, beta2, epsilon, correction1, correction2, decay;
  bool decoupled;
};

struct Columns {
  Tensors value, gradient, moment1, moment2;
};

// Owners of a tensor here: its handle and the list of arguments.
constexpr size_t held = 2;

// Memory that becomes the successor's where its owner gives it up and nobody shares it; a copy elsewhere.
at::Tensor successor(const at::Tensor& old, bool donated) {
  bool own = donated && old.is_contiguous() && old.use_count() == held && old.storage().use_count() == 1;
  return own ? old.alias() : old.clone(at::MemoryFormat::Contiguous);
}

#if CSL_ADAM_OF_LIBTORCH

// The number of steps t of which the corrections are 1 - βᵗ; any large one where they are 1.
double stepsOf(const Rate& r) {
  auto from = [](double beta, double correction) {
    return beta > 0 && correction < 1 - 1e-12 ? std::round(std::log1p(-correction) / std::log(beta)) : 0;
  };
  return std::max({1.0, from(r.beta1, r.correction1), from(r.beta2, r.correction2),
                   r.correction2 < 1 || r.beta2 == 0 ? 0.0 : 1e6});
}

void take(const Columns& c, const Rate& r, const at::Tensor& skip) {
  Tensors steps(c.value.size(), at::full({}, stepsOf(r), c.value[0].options()));
  auto step = [&](auto kernel) {
    c10::optional<at::Tensor> scale, skipped;
    if (skip.defined()) skipped = skip.to(at::kFloat);
    kernel(c.value, c.gradient, c.moment1, c.moment2, Tensors(), steps, r.lr, r.beta1, r.beta2, r.decay, r.epsilon,
           /*amsgrad=*/false, /*maximize=*/false, scale, skipped);
  };
  if (r.decoupled) step([](auto&&... all) { at::_fused_adamw_(all...); });
  else step([](auto&&... all) { at::_fused_adam_(all...); });
}

Tensors moved(const Tensors& values, Tensors averages, double decay) {
  at::_foreach_lerp_(averages, values, 1 - decay);
  return averages;
}

#else

void take(const Columns& c, const Rate& r, const at::Tensor& skip) {
  Tensors before;
  if (skip.defined())
    for (const auto& value : c.value) before.push_back(value.clone());
  auto g = c.gradient;
  if (!r.decoupled && r.decay != 0) g = at::_foreach_add(g, c.value, r.decay);
  if (r.decoupled && r.decay != 0) at::_foreach_mul_(c.value, 1 - r.lr * r.decay);
  at::_foreach_mul_(c.moment1, r.beta1);
  at::_foreach_add_(c.moment1, g, 1 - r.beta1);
  at::_foreach_mul_(c.moment2, r.beta2);
  at::_foreach_addcmul_(c.moment2, g, g, 1 - r.beta2);
  auto roots = at::_foreach_sqrt(c.moment2);
  at::_foreach_mul_(roots, 1 / std::sqrt(r.correction2));
  at::_foreach_add_(roots, r.epsilon);
  at::_foreach_addcdiv_(c.value, c.moment1, roots, -r.lr / r.correction1);
  for (size_t i = 0; i < before.size(); i++) c.value[i].copy_(at::where(skip, before[i], c.value[i]));
}

Tensors moved(const Tensors& values, Tensors averages, double decay) {
  at::_foreach_mul_(averages, decay);
  at::_foreach_add_(averages, values, 1 - decay);
  return averages;
}

#endif

}  // namespace

Tensors adamOnDevice(const Tensors& in, const Numbers& n) {
  auto count = static_cast<size_t>(n[0]);
  bool averaged = n[1] != 0, donated = n[10] != 0;
  size_t all = (averaged ? 5 : 4) * count;
  at::Tensor skip;
  if (in.size() > all) skip = at::isfinite(in[all].square()).all().logical_not();
  Tensors out;
  // Values, both moments and averages; the gradients stay what they are.
  for (size_t i = 0; i < all; i++) {
    if (i < count || i >= 2 * count) out.push_back(successor(in[i], donated));
  }
  std::map<double, Columns> groups;
  for (size_t i = 0; i < count; i++) {
    auto& group = groups[n[11 + i]];
    group.value.push_back(out[i]);
    group.gradient.push_back(in[count + i].contiguous());
    group.moment1.push_back(out[count + i]);
    group.moment2.push_back(out[2 * count + i]);
  }
  for (const auto& [decay, columns] : groups) take(columns, {n[2], n[3], n[4], n[5], n[7], n[8], decay, n[6] != 0}, skip);
  if (averaged) moved({out.begin(), out.begin() + count}, {out.begin() + 3 * count, out.end()}, n[9]);
  return out;
}

Tensors averageOnDevice(const Tensors& in, size_t count, double decay) {
  Tensors averages;
  for (size_t i = count; i < 2 * count; i++) averages.push_back(in[i].clone(at::MemoryFormat::Contiguous));
  return moved({in.begin(), in.begin() + count}, averages, decay);
}

}  // namespace csl
