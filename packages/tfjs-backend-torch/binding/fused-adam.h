// What a step of Adam on the host and one on a device share.
#pragma once

#include "fused.h"

namespace csl {

// Lists of as many tensors as there are parameters, value first, and `more` other tensors. Before anything changes: a step takes all
// parameters or none, and the loops over them believe these sizes.
void checkLists(const Tensors& in, size_t count, size_t lists, size_t more = 0);

}  // namespace csl
