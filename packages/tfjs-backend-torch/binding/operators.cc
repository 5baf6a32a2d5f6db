#include "operators.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/InferenceMode.h>

#include <vector>

#include "ivalue.h"

namespace csl {
namespace {

std::vector<c10::OperatorHandle>& operators() {
  static std::vector<c10::OperatorHandle> list;
  return list;
}

}  // namespace

Napi::Value findOperator(const Napi::CallbackInfo& info) {
  auto name = info[0].As<Napi::String>().Utf8Value();
  auto overload = info[1].As<Napi::String>().Utf8Value();
  auto found = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!found) {
    throw std::runtime_error("this libtorch has no operator " + name + (overload.empty() ? "" : "." + overload));
  }
  operators().push_back(*found);
  return Napi::Number::New(info.Env(), static_cast<double>(operators().size() - 1));
}

Napi::Value callOperator(const Napi::CallbackInfo& info) {
  // Gradients are TensorFlow.js's affair: no autograd bookkeeping, no version counters.
  c10::InferenceMode guard;
  const auto& op = operators().at(info[0].As<Napi::Number>().Uint32Value());
  const auto& schema = op.schema();
  const auto& arguments = schema.arguments();
  torch::jit::Stack stack;
  stack.reserve(arguments.size());
  for (size_t i = 0; i < arguments.size(); i++) {
    bool given = i + 1 < info.Length() && !info[i + 1].IsUndefined();
    const auto& argument = arguments[i];
    if (!given && argument.default_value()) {
      stack.push_back(*argument.default_value());
      continue;
    }
    try {
      stack.push_back(toIValue(given ? info[i + 1] : info.Env().Null(), argument.type()));
    } catch (const std::exception& error) {
      throw std::runtime_error(schema.name() + ", argument " + argument.name() + ": " + error.what());
    }
  }
  op.callBoxed(&stack);
  auto env = info.Env();
  if (stack.empty()) return env.Null();
  if (stack.size() == 1) return fromIValue(env, stack[0]);
  auto results = Napi::Array::New(env, stack.size());
  for (size_t i = 0; i < stack.size(); i++) results.Set(static_cast<uint32_t>(i), fromIValue(env, stack[i]));
  return results;
}

}  // namespace csl
