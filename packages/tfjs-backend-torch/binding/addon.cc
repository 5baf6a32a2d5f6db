// The whole of libtorch through one function: any operator by name, tensors by handle. What the operators mean is written in
// TypeScript. Nothing here depends on libtorch's version beyond the dispatcher, which has been stable since 1.13.
#include <napi.h>
#include <torch/version.h>

#include <c10/util/Exception.h>

#include <mutex>
#include <string>
#include <thread>

#include "exports.h"
#include "flush-denormal.h"

namespace csl {
namespace {

// An error that TypeScript recognises as a CslError of that code.
Napi::Error cslError(Napi::Env env, const char* code, const std::string& message) {
  auto error = Napi::Error::New(env, message);
  error.Set("name", Napi::String::New(env, "CslError"));
  error.Set("code", Napi::String::New(env, code));
  return error;
}

// Every exported function runs with denormals off, and its C++ errors become JavaScript's; libtorch's without their backtrace.
Napi::Value guarded(const Napi::CallbackInfo& info) {
  FlushDenormal flush;
  auto function = reinterpret_cast<Function>(info.Data());
  try {
    return function(info);
  } catch (const Napi::Error&) {
    throw;
  } catch (const c10::Error& error) {
    std::string message = error.what_without_backtrace();
    throw cslError(info.Env(), "failed", "torch: " + message.substr(0, message.find('\n')));
  } catch (const std::exception& error) {
    throw cslError(info.Env(), "failed", error.what());
  }
}

// The table of tensors is one per process and has no lock: the first thread that loads the binding has it until it ends.
void takeForThisThread(Napi::Env env) {
  static std::mutex mutex;
  static std::thread::id owner;
  std::lock_guard lock(mutex);
  if (owner == std::this_thread::get_id()) return;
  if (owner != std::thread::id()) {
    throw cslError(env, "in-use", "torch: another thread of this process computes with it; use it in one thread, or in several processes.");
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
