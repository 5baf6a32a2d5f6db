// The whole of libtorch through one door: any operator by name, tensors by handle. What the operators mean is written in
// TypeScript. Nothing here depends on libtorch's version beyond the dispatcher, which has been stable since 1.13.
#include <napi.h>
#include <torch/version.h>

#include <mutex>
#include <thread>

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

// The table of tensors is one per process and has no lock: the first thread that loads the binding has it until it ends.
void takeForThisThread(Napi::Env env) {
  static std::mutex mutex;
  static std::thread::id owner;
  std::lock_guard lock(mutex);
  if (owner == std::this_thread::get_id()) return;
  if (owner != std::thread::id()) {
    throw Napi::Error::New(env, "torch: another thread of this process computes with it; use it in one thread, or in several processes.");
  }
  owner = std::this_thread::get_id();
  env.AddCleanupHook([] {
    std::lock_guard lock(mutex);
    owner = std::thread::id();
  });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  takeForThisThread(env);
  exports.Set("version", Napi::String::New(env, TORCH_VERSION));
  for (const auto& [name, function] : Export::all()) {
    exports.Set(name, Napi::Function::New(env, guarded, name, reinterpret_cast<void*>(function)));
  }
  return exports;
}

}  // namespace

NODE_API_MODULE(csl_torch, init)

}  // namespace csl
