// JavaScript values to libtorch's and back, by the type that an operator's schema names.
#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <napi.h>

namespace csl {

// A missing or null value becomes None; handles (numbers) become tensors where the schema says Tensor.
c10::IValue toIValue(const Napi::Value& value, const c10::TypePtr& type);

// Tensors become new handles; the caller owns them.
Napi::Value fromIValue(Napi::Env env, const c10::IValue& value);

}  // namespace csl
