#pragma once

#include <napi.h>

namespace csl {

// upload(typedArray, shape, scalarType, device) → handle. The bytes are copied.
Napi::Value upload(const Napi::CallbackInfo& info);

// download(handle, typedArray): fills the array, whose element type decides the conversion (bf16 comes up as float32).
Napi::Value download(const Napi::CallbackInfo& info);

// downloadAsync(handle, typedArray) → Promise of the array, filled on another thread. The handle may be freed meanwhile.
Napi::Value downloadAsync(const Napi::CallbackInfo& info);

Napi::Value freeHandle(const Napi::CallbackInfo& info);
Napi::Value describe(const Napi::CallbackInfo& info);

}  // namespace csl
