// Any operator of libtorch, by name, through its dispatcher.
#pragma once

#include <napi.h>

namespace csl {

// findOperator("aten::add", "Tensor") → id. The schema is looked up once.
Napi::Value findOperator(const Napi::CallbackInfo& info);

// callOperator(id, ...arguments) → a handle, a scalar, null, or an array of them where there are several results.
// Trailing arguments that are left out take the schema's defaults.
Napi::Value callOperator(const Napi::CallbackInfo& info);

}  // namespace csl
