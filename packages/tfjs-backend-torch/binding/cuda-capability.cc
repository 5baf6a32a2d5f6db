// What a GPU can do, asked for without CUDA's headers: of the runtime that libtorch brings, where it is there.
#include "exports.h"

extern "C" int cudaDeviceGetAttribute(int* value, int attribute, int device) __attribute__((weak));

namespace csl {
namespace {

// cudaDevAttrComputeCapabilityMajor and -Minor.
constexpr int majorCapability = 75, minorCapability = 76;

// deviceCapability(index) → [major, minor], or null.
Napi::Value deviceCapability(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  int index = info[0].As<Napi::Number>().Int32Value(), major = 0, minor = 0;
  if (!cudaDeviceGetAttribute || cudaDeviceGetAttribute(&major, majorCapability, index) != 0 ||
      cudaDeviceGetAttribute(&minor, minorCapability, index) != 0)
    return env.Null();
  auto result = Napi::Array::New(env, 2);
  result.Set(0u, Napi::Number::New(env, major));
  result.Set(1u, Napi::Number::New(env, minor));
  return result;
}

const Export exported("deviceCapability", deviceCapability);

}  // namespace
}  // namespace csl
