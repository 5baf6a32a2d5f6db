// The whole of libtorch through one door: any operator by name, tensors by handle. What the operators mean is written in
// TypeScript. Nothing here depends on libtorch's version beyond the dispatcher, which has been stable since 1.13.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <napi.h>
#include <torch/version.h>

#include "handles.h"
#include "operators.h"
#include "transfer.h"

namespace csl {
namespace {

// Errors of libtorch without their C++ backtrace, as JavaScript errors.
template <Napi::Value (*function)(const Napi::CallbackInfo&)>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return function(info);
  } catch (const c10::Error& error) {
    throw Napi::Error::New(info.Env(), error.what_without_backtrace());
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
}

Napi::Value liveHandles(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(handles().live()));
}

Napi::Value setThreads(const Napi::CallbackInfo& info) {
  at::set_num_threads(info[0].As<Napi::Number>().Int32Value());
  return info.Env().Undefined();
}

Napi::Value hasCuda(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), at::globalContext().hasCUDA());
}

template <Napi::Value (*function)(const Napi::CallbackInfo&)>
void add(Napi::Object& exports, const char* name) {
  exports.Set(name, Napi::Function::New(exports.Env(), guarded<function>, name));
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  // Denormals cost a hundred times more than other numbers and never matter to a network.
  at::globalContext().setFlushDenormal(true);
  exports.Set("version", Napi::String::New(env, TORCH_VERSION));
  add<findOperator>(exports, "findOperator");
  add<callOperator>(exports, "callOperator");
  add<upload>(exports, "upload");
  add<download>(exports, "download");
  add<freeHandle>(exports, "free");
  add<describe>(exports, "describe");
  add<liveHandles>(exports, "liveHandles");
  add<setThreads>(exports, "setThreads");
  add<hasCuda>(exports, "hasCuda");
  return exports;
}

}  // namespace

NODE_API_MODULE(csl_torch, init)

}  // namespace csl
