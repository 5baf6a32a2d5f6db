// Adam and the moving average for tensors that are not in host memory: over all parameters at once, in libtorch's operators over
// lists, which cost a few launches whatever the number of parameters.
#pragma once

#include "fused.h"

namespace csl {

// As `adam` of fused-adam.cc, with its arguments and, if `guarded`, one tensor more: where one of its numbers, or its square, is
// not finite, every value stays what it was.
Tensors adamOnDevice(const Tensors& in, const Numbers& n);

// (value ×n, average ×n) → decay · average + (1 − decay) · value, ×n
Tensors averageOnDevice(const Tensors& in, size_t count, double decay);

}  // namespace csl
