// One step of Adam over many parameters, with weight decay (L2 or decoupled) and the moving average of the weights, in a
// single pass over memory. Everything comes out under new tensors: what was prepared of an old weight stays true of it. Memory that
// the caller gives up and no other tensor shares becomes the new tensor's, which saves a third of the traffic.
#include <cmath>

#include "fused-adam.h"
#include "fused-loops.h"
#include "fused.h"

namespace csl {
namespace {

// new1 and new2 are 1 - beta1 and 1 - beta2, subtracted in double: in float, 1 - .999 is off by 1.3e-5 of itself.
struct Step {
  float stepSize, new1, beta2, new2, epsilon, shrink, l2, rootCorrection2, emaDecay;
};

CSL_INLINE void adamLoopBody(const float* value, const float* gradient, const float* moment1, const float* moment2,
                             const float* average, float* newValue, float* newMoment1, float* newMoment2,
                             float* newAverage, int64_t count, const Step& step) {
  Step s = step;
  CSL_NO_OVERLAP
  for (int64_t i = 0; i < count; i++) {
    float old = value[i];
    float g = gradient[i] + s.l2 * old;
    float m = moment1[i] + s.new1 * (g - moment1[i]);
    float v = s.beta2 * moment2[i] + s.new2 * g * g;
    newMoment1[i] = m;
    newMoment2[i] = v;
    newValue[i] = old * s.shrink - s.stepSize * m / (std::sqrt(v) * s.rootCorrection2 + s.epsilon);
  }
  if (!average) return;
  CSL_NO_OVERLAP
  for (int64_t i = 0; i < count; i++) newAverage[i] = newValue[i] + s.emaDecay * (average[i] - newValue[i]);
}
CSL_CLONED(void, adamLoop,
           (const float* value, const float* gradient, const float* moment1, const float* moment2, const float* average,
            float* newValue, float* newMoment1, float* newMoment2, float* newAverage, int64_t count, const Step& step),
           (value, gradient, moment1, moment2, average, newValue, newMoment1, newMoment2, newAverage, count, step))

// Parts that fit the first cache, so that the average finds the new value there.
constexpr int64_t part = 2048;

struct Slot {
  at::Tensor value, gradient, moment1, moment2, average;
};

// A tensor's owners here: its handle, the list of arguments, a slot of them, the slot's contiguous form.
constexpr size_t held = 4;

// Known by one handle and by the list of arguments, and no view of it elsewhere: the same memory under another name.
at::Tensor successor(const at::Tensor& argument, const at::Tensor& old, bool donated) {
  bool own = donated && argument.is_same(old) && old.use_count() == held && old.storage().use_count() == 1;
  return own ? old.alias() : at::empty_like(old);
}

// `given` refers to the list of arguments.
Slot stepped(const Slot& given, const Step& step, bool donated) {
  Slot in{given.value.contiguous(), given.gradient.contiguous(), given.moment1.contiguous(),
          given.moment2.contiguous(), given.average.defined() ? given.average.contiguous() : given.average};
  Slot out{successor(given.value, in.value, donated), {}, successor(given.moment1, in.moment1, donated),
           successor(given.moment2, in.moment2, donated),
           in.average.defined() ? successor(given.average, in.average, donated) : at::Tensor()};
  auto* average = in.average.defined() ? in.average.data_ptr<float>() : nullptr;
  auto* newAverage = in.average.defined() ? out.average.data_ptr<float>() : nullptr;
  int64_t count = in.value.numel();
  at::parallel_for(0, (count + part - 1) / part, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * part; i < std::min(count, end * part); i += part) {
      adamLoop(in.value.data_ptr<float>() + i, in.gradient.data_ptr<float>() + i, in.moment1.data_ptr<float>() + i,
               in.moment2.data_ptr<float>() + i, average ? average + i : nullptr, out.value.data_ptr<float>() + i,
               out.moment1.data_ptr<float>() + i, out.moment2.data_ptr<float>() + i,
               newAverage ? newAverage + i : nullptr, std::min(part, count - i), step);
    }
  });
  return out;
}

}  // namespace

void checkLists(const Tensors& in, size_t count, size_t lists, size_t more) {
  TORCH_CHECK(in.size() == lists * count + more, "expected ", lists * count + more, " tensors, got ", in.size());
  for (size_t i = 0; i < lists * count; i++) {
    const auto& value = in[i % count];
    TORCH_CHECK(in[i].scalar_type() == at::kFloat, "tensor ", i, " is not float32");
    TORCH_CHECK(in[i].numel() == value.numel() && in[i].device() == value.device(), "tensor ", i, " has ", in[i].numel(),
                " values where its parameter has ", value.numel());
  }
}

namespace {

// (value ×n, gradient ×n, moment1 ×n, moment2 ×n, average ×n?; n, averaged, lr, β1, β2, ε, decoupled, 1 − β1ᵗ, 1 − β2ᵗ,
// decay of the average, donated, weight decay ×n) → value ×n, moment1 ×n, moment2 ×n, average ×n?
Tensors adam(const Tensors& in, const Numbers& n) {
  auto count = static_cast<size_t>(n[0]);
  bool averaged = n[1] != 0, decoupled = n[6] != 0;
  checkLists(in, count, averaged ? 5 : 4);
  Tensors out((averaged ? 4 : 3) * count);
  for (size_t i = 0; i < count; i++) {
    double decay = n[11 + i];
    Step step{static_cast<float>(n[2] / n[7]),
              static_cast<float>(1 - n[3]),
              static_cast<float>(n[4]),
              static_cast<float>(1 - n[4]),
              static_cast<float>(n[5]),
              static_cast<float>(decoupled ? 1 - n[2] * decay : 1),
              static_cast<float>(decoupled ? 0 : decay),
              static_cast<float>(1 / std::sqrt(n[8])),
              static_cast<float>(n[9])};
    auto next = stepped({in[i], in[count + i], in[2 * count + i], in[3 * count + i],
                         averaged ? in[4 * count + i] : at::Tensor()},
                        step, n[10] != 0);
    out[i] = next.value;
    out[count + i] = next.moment1;
    out[2 * count + i] = next.moment2;
    if (averaged) out[3 * count + i] = next.average;
  }
  return out;
}

// (value ×n, average ×n; n, decay) → average ×n
Tensors average(const Tensors& in, const Numbers& n) {
  auto count = static_cast<size_t>(n[0]);
  checkLists(in, count, 2);
  Tensors out(count);
  for (size_t i = 0; i < count; i++) out[i] = at::lerp(in[i], in[count + i], n[1]);
  return out;
}

const Fused fused[] = {{"adam", adam}, {"average", average}};

}  // namespace
}  // namespace csl
