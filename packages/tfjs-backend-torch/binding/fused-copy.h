// Copies of many tensors at once: on a device a few launches instead of one for each.
#pragma once

#include "fused.h"

namespace csl {

// The numbers of each into the memory of the other, whatever their shapes.
void copyAll(const Tensors& to, const Tensors& from);

// The same numbers in memory of their own.
Tensors copiesOf(const Tensors& from);

}  // namespace csl
