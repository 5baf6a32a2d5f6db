#include "ivalue.h"

#include <cmath>

#include "handles.h"

namespace csl {
namespace {

[[noreturn]] void expected(const std::string& what, const c10::TypePtr& type) {
  throw std::runtime_error("expected " + what + " for an argument of type " + type->str());
}

double toDouble(const Napi::Value& value, const c10::TypePtr& type) {
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value() ? 1 : 0;
  if (!value.IsNumber()) expected("a number", type);
  return value.As<Napi::Number>().DoubleValue();
}

at::Tensor toTensor(const Napi::Value& value, const c10::TypePtr& type) {
  if (!value.IsNumber()) expected("a tensor handle", type);
  return handles().get(value.As<Napi::Number>().Uint32Value());
}

// Whole numbers stay whole: an integer tensor plus 2 is an integer tensor.
at::Scalar toScalar(const Napi::Value& value, const c10::TypePtr& type) {
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  double number = toDouble(value, type);
  bool whole = std::trunc(number) == number && std::abs(number) < 9e15 && !(number == 0 && std::signbit(number));
  return whole ? at::Scalar(static_cast<int64_t>(number)) : at::Scalar(number);
}

template <typename T, typename Convert>
c10::List<T> toList(const Napi::Value& value, const c10::TypePtr& type, Convert convert) {
  if (!value.IsArray()) expected("an array", type);
  auto array = value.As<Napi::Array>();
  c10::List<T> list;
  list.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++) list.push_back(convert(array.Get(i)));
  return list;
}

// Tensor?[], without naming the optional of one libtorch version or another.
c10::IValue toOptionals(const Napi::Value& value, const c10::TypePtr& type, const c10::TypePtr& element) {
  if (!value.IsArray()) expected("an array", type);
  auto array = value.As<Napi::Array>();
  c10::impl::GenericList list(element);
  for (uint32_t i = 0; i < array.Length(); i++) list.push_back(toIValue(array.Get(i), element));
  return list;
}

c10::IValue toListValue(const Napi::Value& value, const c10::TypePtr& type) {
  auto element = type->expectRef<c10::ListType>().getElementType();
  switch (element->kind()) {
    case c10::TypeKind::TensorType:
      return toList<at::Tensor>(value, type, [&](Napi::Value v) { return toTensor(v, element); });
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
      return toList<int64_t>(value, type, [&](Napi::Value v) { return static_cast<int64_t>(toDouble(v, element)); });
    case c10::TypeKind::FloatType:
      return toList<double>(value, type, [&](Napi::Value v) { return toDouble(v, element); });
    case c10::TypeKind::BoolType:
      return toList<bool>(value, type, [&](Napi::Value v) { return v.ToBoolean().Value(); });
    case c10::TypeKind::OptionalType:
      return toOptionals(value, type, element);
    default:
      expected("a list that this binding knows", type);
  }
}

}  // namespace

c10::IValue toIValue(const Napi::Value& value, const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::OptionalType:
      if (value.IsNull() || value.IsUndefined()) return {};
      return toIValue(value, type->expectRef<c10::OptionalType>().getElementType());
    case c10::TypeKind::TensorType:
      return toTensor(value, type);
    case c10::TypeKind::NumberType:
      return toScalar(value, type);
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
    case c10::TypeKind::ScalarTypeType:
    case c10::TypeKind::MemoryFormatType:
    case c10::TypeKind::LayoutType:
      return static_cast<int64_t>(toDouble(value, type));
    case c10::TypeKind::FloatType:
      return toDouble(value, type);
    case c10::TypeKind::BoolType:
      return value.ToBoolean().Value();
    case c10::TypeKind::StringType:
      if (!value.IsString()) expected("a string", type);
      return value.As<Napi::String>().Utf8Value();
    case c10::TypeKind::DeviceObjType:
      if (!value.IsString()) expected("a device such as \"cpu\" or \"cuda:0\"", type);
      return c10::Device(value.As<Napi::String>().Utf8Value());
    case c10::TypeKind::ListType:
      return toListValue(value, type);
    default:
      expected("a value that this binding knows", type);
  }
}

Napi::Value fromIValue(Napi::Env env, const c10::IValue& value) {
  if (value.isTensor()) {
    const auto& tensor = value.toTensor();
    return Napi::Number::New(env, tensor.defined() ? handles().put(tensor) : 0);
  }
  if (value.isTensorList()) {
    auto tensors = value.toTensorVector();
    auto array = Napi::Array::New(env, tensors.size());
    for (size_t i = 0; i < tensors.size(); i++) {
      array.Set(static_cast<uint32_t>(i), Napi::Number::New(env, handles().put(tensors[i])));
    }
    return array;
  }
  if (value.isBool()) return Napi::Boolean::New(env, value.toBool());
  if (value.isInt()) return Napi::Number::New(env, static_cast<double>(value.toInt()));
  if (value.isDouble()) return Napi::Number::New(env, value.toDouble());
  if (value.isScalar()) return Napi::Number::New(env, value.toScalar().toDouble());
  if (value.isNone()) return env.Null();
  throw std::runtime_error("cannot hand a result of type " + value.tagKind() + " to JavaScript");
}

}  // namespace csl
