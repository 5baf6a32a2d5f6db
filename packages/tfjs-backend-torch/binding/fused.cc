#include "fused.h"

#include <c10/core/InferenceMode.h>

#include "exports.h"
#include "handles.h"

namespace csl {
namespace {

Napi::Value findFused(const Napi::CallbackInfo& info) {
  auto name = info[0].As<Napi::String>().Utf8Value();
  const auto& list = Fused::all();
  for (size_t i = 0; i < list.size(); i++) {
    if (list[i].first == name) return Napi::Number::New(info.Env(), static_cast<double>(i));
  }
  throw std::runtime_error("torch: this binding has no fused function " + name);
}

Napi::Value callFused(const Napi::CallbackInfo& info) {
  c10::InferenceMode guard;
  auto env = info.Env();
  const auto& [name, function] = Fused::all().at(info[0].As<Napi::Number>().Uint32Value());
  auto given = info[1].As<Napi::Array>();
  Tensors tensors(given.Length());
  for (uint32_t i = 0; i < given.Length(); i++) {
    Handle handle = given.Get(i).As<Napi::Number>().Uint32Value();
    if (handle != 0) tensors[i] = handles().get(handle);
  }
  auto options = info[2].As<Napi::Array>();
  Numbers numbers(options.Length());
  for (uint32_t i = 0; i < options.Length(); i++) numbers[i] = options.Get(i).As<Napi::Number>().DoubleValue();
  Tensors results;
  try {
    results = function(tensors, numbers);
  } catch (const c10::Error& error) {
    std::string message = error.what_without_backtrace();
    throw std::runtime_error("torch: " + name + ": " + message.substr(0, message.find('\n')));
  }
  auto out = Napi::Array::New(env, results.size());
  for (size_t i = 0; i < results.size(); i++) {
    Handle handle = results[i].defined() ? handles().put(std::move(results[i])) : 0;
    out.Set(static_cast<uint32_t>(i), Napi::Number::New(env, handle));
  }
  return out;
}

const Export exported[] = {{"findFused", findFused}, {"callFused", callFused}};

}  // namespace
}  // namespace csl
