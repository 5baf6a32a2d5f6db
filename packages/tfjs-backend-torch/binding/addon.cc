// The whole of libtorch through one door: any operator by name, tensors by handle. What the operators mean is written in
// TypeScript. Nothing here depends on libtorch's version beyond the dispatcher, which has been stable since 1.13.
#include <napi.h>
#include <torch/version.h>

#include "exports.h"
#include "flush-denormal.h"

namespace csl {
namespace {

// Every exported function runs with denormals off, and its C++ errors become JavaScript's. libtorch's come without their
// backtrace, which operators.cc takes off.
Napi::Value guarded(const Napi::CallbackInfo& info) {
  FlushDenormal flush;
  auto function = reinterpret_cast<Function>(info.Data());
  try {
    return function(info);
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("version", Napi::String::New(env, TORCH_VERSION));
  for (const auto& [name, function] : Export::all()) {
    exports.Set(name, Napi::Function::New(env, guarded, name, reinterpret_cast<void*>(function)));
  }
  return exports;
}

}  // namespace

NODE_API_MODULE(csl_torch, init)

}  // namespace csl
