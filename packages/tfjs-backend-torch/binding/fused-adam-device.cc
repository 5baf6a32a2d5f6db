// Adam and the moving average for tensors that are not in host memory: over all parameters at once, in libtorch's operators over
// lists, which cost a few launches whatever the number of parameters. What changes from step to step comes in a tensor, so that a
// recorded step is true of every step.
#include <torch/version.h>

#include <map>

#include "fused-adam.h"
#include "fused.h"

// Operators over lists with a tensor as the other side, and libtorch's one kernel for a step over many tensors with the rate in a
// tensor: 2.2 has both.
#define CSL_LISTS_BY_TENSORS (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 2))

namespace csl {
namespace {

// A row of `CslStepNumbers` of @csl/internal, each of them a tensor of one number.
struct Row {
  at::Tensor stepSize, ratio, newShare, taken, lr, emaDecay;
};

Row rowOf(const at::Tensor& numbers, int64_t row) {
  auto number = [&](int64_t i) { return numbers.select(0, 6 * row + i); };
  return {number(0), number(1), number(2), number(3), number(4), number(5)};
}

// What never changes.
struct Fixed {
  double beta2, epsilon;
  bool decoupled;
};

struct Columns {
  Tensors value, gradient, moment1, moment2;
};

enum Donated { kept = 0, whereSole = 1, always = 2 };

// Owners of a tensor here: its handle and the list of arguments.
constexpr size_t held = 2;

// Memory that becomes the successor's where its owner gives it up and nobody shares it; a copy elsewhere. In a recording the
// variables' memory is the recording's, whatever it still knows of it.
at::Tensor successor(const at::Tensor& old, Donated donated) {
  bool sole = old.use_count() == held && old.storage().use_count() == 1;
  bool own = old.is_contiguous() && (donated == always || (donated == whereSole && sole));
  return own ? old.alias() : old.clone(at::MemoryFormat::Contiguous);
}

void scale(const Tensors& list, const at::Tensor& factor) {
#if CSL_LISTS_BY_TENSORS
  at::_foreach_mul_(list, factor);
#else
  Tensors factors;
  for (const auto& one : list) factors.push_back(factor.expand(one.sizes()));
  at::_foreach_mul_(list, factors);
#endif
}

// average ← value + decay · (average − value)
void move(const Tensors& values, const Tensors& averages, const at::Tensor& decay) {
  at::_foreach_sub_(averages, values);
  scale(averages, decay);
  at::_foreach_add_(averages, values);
}

// What the parameters of all weight decays share; `skip` is undefined where nothing guards the step.
struct Shared {
  Fixed fixed;
  Row row;
  at::Tensor skip;
};

#if CSL_LISTS_BY_TENSORS

// libtorch's kernel takes β1 as a number, which a recording would freeze. With a β1 of ½ it makes of m · old / new, the shares of
// the step, ½ (m · old / new + g): the moment that is wanted, divided by 2 · new. The rate makes up for that, and for 1 − ½ᵗ.
void take(const std::map<double, Columns>& groups, const Tensors& moments1, const Shared& all) {
  constexpr double half = 0.5;
  const auto& [fixed, row, skip] = all;
  auto twice = row.newShare * 2;
  auto lr = row.stepSize * twice * at::rsub(at::pow(half, row.taken), 1);
  c10::optional<at::Tensor> none, skipped;
  if (skip.defined()) skipped = skip.to(at::kFloat);
  scale(moments1, row.ratio);
  for (const auto& [decay, c] : groups) {
    if (fixed.decoupled && decay != 0) {
      auto shrink = at::rsub(row.lr * decay, 1);
      scale(c.value, skip.defined() ? at::where(skip, at::ones_like(shrink), shrink) : shrink);
    }
    Tensors steps(c.value.size(), row.taken);
    at::_fused_adam_(c.value, c.gradient, c.moment1, c.moment2, Tensors(), steps, lr, half, fixed.beta2,
                     fixed.decoupled ? 0 : decay, fixed.epsilon, /*amsgrad=*/false, /*maximize=*/false, none, skipped);
  }
  scale(moments1, twice);
}

#else

void take(const std::map<double, Columns>& groups, const Tensors& moments1, const Shared& all) {
  const auto& [fixed, row, skip] = all;
  // In double: 1 − β2ᵗ is small at first.
  auto rootCorrection2 = at::rsub(at::pow(fixed.beta2, row.taken.to(at::kDouble)), 1).rsqrt().to(at::kFloat);
  scale(moments1, row.ratio);
  for (const auto& [decay, c] : groups) {
    Tensors g = c.gradient;
    if (!fixed.decoupled && decay != 0) g = at::_foreach_add(g, c.value, decay);
    at::_foreach_add_(c.moment1, g);
    scale(c.moment1, row.newShare);
    at::_foreach_mul_(c.moment2, fixed.beta2);
    at::_foreach_addcmul_(c.moment2, g, g, 1 - fixed.beta2);
    auto roots = at::_foreach_sqrt(c.moment2);
    scale(roots, rootCorrection2);
    at::_foreach_add_(roots, fixed.epsilon);
    auto changes = at::_foreach_div(c.moment1, roots);
    scale(changes, row.stepSize);
    if (fixed.decoupled && decay != 0) {
      auto lost = at::_foreach_mul(c.value, decay);
      scale(lost, row.lr);
      at::_foreach_add_(changes, lost);
    }
    if (skip.defined()) {
      auto zero = at::zeros({}, c.value[0].options());
      for (auto& change : changes) change = at::where(skip, zero, change);
    }
    at::_foreach_sub_(c.value, changes);
  }
}

#endif

// (value ×n, gradient ×n, moment1 ×n, moment2 ×n, average ×n?, guard?, numbers; n, averaged, guarded, row, β2, ε, decoupled, donated,
// weight decay ×n) → value ×n, moment1 ×n, moment2 ×n, average ×n?
// Where one of the guard's numbers, or its square, is not finite, every value stays what it was.
Tensors adam(const Tensors& in, const Numbers& n) {
  auto count = static_cast<size_t>(n[0]);
  bool averaged = n[1] != 0, guarded = n[2] != 0;
  size_t lists = averaged ? 5 : 4, all = lists * count;
  checkLists(in, count, lists, guarded ? 2 : 1);
  Fixed fixed{n[4], n[5], n[6] != 0};
  auto donated = static_cast<Donated>(n[7]);
  auto row = rowOf(in.back(), static_cast<int64_t>(n[3]));
  at::Tensor skip;
  if (guarded) skip = at::isfinite(in[all].square()).all().logical_not();
  Tensors out;
  // Values, both moments and averages; the gradients stay what they are.
  for (size_t i = 0; i < all; i++) {
    if (i < count || i >= 2 * count) out.push_back(successor(in[i], donated));
  }
  std::map<double, Columns> groups;
  for (size_t i = 0; i < count; i++) {
    auto& group = groups[n[8 + i]];
    group.value.push_back(out[i]);
    group.gradient.push_back(in[count + i].contiguous());
    group.moment1.push_back(out[count + i]);
    group.moment2.push_back(out[2 * count + i]);
  }
  take(groups, {out.begin() + count, out.begin() + 2 * count}, {fixed, row, skip});
  if (averaged) move({out.begin(), out.begin() + count}, {out.begin() + 3 * count, out.end()}, row.emaDecay);
  return out;
}

// (value ×n, average ×n, numbers; n, row, donated) → decay · average + (1 − decay) · value, ×n
Tensors average(const Tensors& in, const Numbers& n) {
  auto count = static_cast<size_t>(n[0]);
  checkLists(in, count, 2, 1);
  Tensors averages;
  for (size_t i = count; i < 2 * count; i++) averages.push_back(successor(in[i], static_cast<Donated>(n[2])));
  move({in.begin(), in.begin() + count}, averages, rowOf(in.back(), static_cast<int64_t>(n[1])).emaDecay);
  return averages;
}

const Fused fused[] = {{"adamOnDevice", adam}, {"averageOnDevice", average}};

}  // namespace
}  // namespace csl
