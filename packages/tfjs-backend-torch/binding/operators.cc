#include "operators.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/InferenceMode.h>

#include <deque>

#include "exports.h"
#include "ivalue.h"

namespace csl {
namespace {

// An operator with what every call of it needs, so that the schema is not walked again and again.
struct Operator {
  c10::OperatorHandle handle;
  const std::vector<c10::Argument>& arguments;
  std::string name;
};

std::deque<Operator>& operators() {
  static std::deque<Operator> list;
  return list;
}

// libtorch tells a story of source files; the first line says what is wrong.
std::string firstLine(const std::string& message) { return message.substr(0, message.find('\n')); }

c10::IValue argumentOf(const Napi::CallbackInfo& info, size_t i, const Operator& op) {
  const auto& argument = op.arguments[i];
  bool given = i + 1 < info.Length() && !info[i + 1].IsUndefined();
  if (!given && argument.default_value()) return *argument.default_value();
  try {
    return toIValue(given ? info[i + 1] : info.Env().Null(), argument.type());
  } catch (const std::exception& error) {
    throw std::runtime_error("torch: " + op.name + ", argument " + argument.name() + ": " + error.what());
  }
}

}  // namespace

Napi::Value findOperator(const Napi::CallbackInfo& info) {
  auto name = info[0].As<Napi::String>().Utf8Value();
  auto overload = info[1].As<Napi::String>().Utf8Value();
  auto fullName = name + (overload.empty() ? "" : "." + overload);
  auto found = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!found) throw std::runtime_error("torch: this libtorch has no operator " + fullName);
  operators().push_back({*found, found->schema().arguments(), fullName});
  return Napi::Number::New(info.Env(), static_cast<double>(operators().size() - 1));
}

Napi::Value callOperator(const Napi::CallbackInfo& info) {
  // Gradients are TensorFlow.js's affair: no autograd bookkeeping, no version counters.
  c10::InferenceMode guard;
  const auto& op = operators().at(info[0].As<Napi::Number>().Uint32Value());
  torch::jit::Stack stack;
  stack.reserve(op.arguments.size());
  for (size_t i = 0; i < op.arguments.size(); i++) stack.push_back(argumentOf(info, i, op));
  try {
    op.handle.callBoxed(&stack);
  } catch (const c10::Error& error) {
    throw std::runtime_error("torch: " + op.name + ": " + firstLine(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    throw std::runtime_error("torch: " + op.name + ": " + firstLine(error.what()));
  }
  auto env = info.Env();
  if (stack.empty()) return env.Null();
  if (stack.size() == 1) return fromIValue(env, stack[0]);
  auto results = Napi::Array::New(env, stack.size());
  for (size_t i = 0; i < stack.size(); i++) results.Set(static_cast<uint32_t>(i), fromIValue(env, stack[i]));
  return results;
}

static const Export exported[] = {{"findOperator", findOperator}, {"callOperator", callOperator}};

}  // namespace csl
