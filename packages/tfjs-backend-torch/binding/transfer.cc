#include "transfer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <c10/core/InferenceMode.h>

#include <cstring>
#include <optional>
#include <vector>

#include "device-copies.h"
#include "exports.h"
#include "handles.h"

namespace csl {
namespace {

at::ScalarType scalarTypeOf(napi_typedarray_type type) {
  switch (type) {
    case napi_float32_array: return at::kFloat;
    case napi_int32_array: return at::kInt;
    case napi_uint8_array:
    case napi_uint8_clamped_array: return at::kByte;
    case napi_float64_array: return at::kDouble;
    case napi_int16_array: return at::kShort;
    case napi_int8_array: return at::kChar;
    default: throw std::runtime_error("torch: expected a Float32Array, Int32Array, Uint8Array, Int8Array or Float64Array");
  }
}

// A tensor over the array's own memory; valid while the array lives.
at::Tensor viewOf(Napi::TypedArray array, at::IntArrayRef shape) {
  // Asked for directly: an array over shared memory has no ArrayBuffer.
  void* bytes = nullptr;
  napi_get_typedarray_info(array.Env(), array, nullptr, nullptr, &bytes, nullptr, nullptr);
  return at::from_blob(bytes, shape, at::TensorOptions().dtype(scalarTypeOf(array.TypedArrayType())));
}

void sameSize(const at::Tensor& tensor, const Napi::TypedArray& array) {
  if (tensor.numel() == static_cast<int64_t>(array.ElementLength())) return;
  throw std::runtime_error("torch: download: the tensor holds " + std::to_string(tensor.numel()) +
                           " values, the array " + std::to_string(array.ElementLength()));
}

// Waits on a thread of Node's pool, so that JavaScript continues while the device finishes what was queued before. The
// copy itself is the device's: queued at once, so that nothing later is waited for, into memory that it can reach.
class Download : public Napi::AsyncWorker {
 public:
  Download(Napi::Env env, at::Tensor from, Napi::TypedArray into)
      : Napi::AsyncWorker(env),
        from_(std::move(from)),
        into_(viewOf(into, from_.sizes())),
        array_(Napi::Persistent(into.As<Napi::Object>())),
        deferred_(Napi::Promise::Deferred::New(env)) {
    if (from_.is_cpu()) return;
    auto device = from_.device();
    c10::InferenceMode guard;
    auto pinned = at::empty(from_.sizes(), into_.options().pinned_memory(true));
    pinned.copy_(from_.to(into_.scalar_type()).contiguous(), /*non_blocking=*/true);
    from_ = pinned;
    copied_.emplace(eventOn(device));
  }

  Napi::Promise promise() { return deferred_.Promise(); }

  void Execute() override {
    try {
      c10::InferenceMode guard;
      if (copied_) waitFor(*copied_);
      into_.copy_(from_);
    } catch (const std::exception& error) {
      SetError(error.what());
    }
  }
  void OnOK() override { deferred_.Resolve(array_.Value()); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  at::Tensor from_;
  at::Tensor into_;
  std::optional<c10::Event> copied_;
  Napi::ObjectReference array_;
  Napi::Promise::Deferred deferred_;
};

// Whether one value repeats. Anything else is found out within a few bytes, as a rule.
bool isConstant(const at::Tensor& values) {
  auto* bytes = static_cast<const char*>(values.data_ptr());
  size_t one = values.element_size();
  return values.numel() > 0 && std::memcmp(bytes, bytes + one, values.numel() * one - one) == 0;
}

// What goes to a device with fewer bytes than it will have there (images) is converted there. A value that repeats, as
// TensorFlow.js's gradients make many, needs no bytes at all, and is the one upload that can be recorded in a graph.
at::Tensor toDevice(const at::Tensor& values, const at::TensorOptions& options) {
  if (isConstant(values)) return at::full(values.sizes(), values.flatten()[0].item(), options);
  return uploaded(values, options.device()).to(options.dtype());
}

std::vector<int64_t> toShape(const Napi::Value& value) {
  auto array = value.As<Napi::Array>();
  std::vector<int64_t> shape(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++) shape[i] = array.Get(i).As<Napi::Number>().Int64Value();
  return shape;
}

}  // namespace

Napi::Value upload(const Napi::CallbackInfo& info) {
  c10::InferenceMode guard;
  auto array = info[0].As<Napi::TypedArray>();
  auto shape = toShape(info[1]);
  int64_t size = 1;
  for (auto side : shape) size *= side;
  if (size != static_cast<int64_t>(array.ElementLength())) {
    throw std::runtime_error("torch: upload: the shape holds " + std::to_string(size) + " values, the array " +
                             std::to_string(array.ElementLength()));
  }
  auto type = static_cast<at::ScalarType>(info[2].As<Napi::Number>().Int32Value());
  auto options = at::TensorOptions().dtype(type).device(c10::Device(info[3].As<Napi::String>().Utf8Value()));
  at::Tensor tensor;
  if (size > 0 && !options.device().is_cpu()) {
    tensor = toDevice(viewOf(array, shape), options);
  } else {
    tensor = at::empty(shape, options);
    if (size > 0) tensor.copy_(viewOf(array, shape));
  }
  return Napi::Number::New(info.Env(), handles().put(std::move(tensor)));
}

Napi::Value download(const Napi::CallbackInfo& info) {
  c10::InferenceMode guard;
  const auto& tensor = handles().get(info[0].As<Napi::Number>().Uint32Value());
  auto array = info[1].As<Napi::TypedArray>();
  sameSize(tensor, array);
  if (tensor.numel() > 0) viewOf(array, tensor.sizes()).copy_(tensor);
  return info.Env().Undefined();
}

Napi::Value downloadAsync(const Napi::CallbackInfo& info) {
  const auto& tensor = handles().get(info[0].As<Napi::Number>().Uint32Value());
  auto array = info[1].As<Napi::TypedArray>();
  sameSize(tensor, array);
  auto* download = new Download(info.Env(), tensor, array);
  auto promise = download->promise();
  download->Queue();
  return promise;
}

Napi::Value freeHandle(const Napi::CallbackInfo& info) {
  handles().drop(info[0].As<Napi::Number>().Uint32Value());
  return info.Env().Undefined();
}

// shareTensor(handle) → the tensor itself, for another binding of this process (distributed/process-group.cc).
Napi::Value shareTensor(const Napi::CallbackInfo& info) {
  const auto& tensor = handles().get(info[0].As<Napi::Number>().Uint32Value());
  return Napi::External<at::Tensor>::New(info.Env(), new at::Tensor(tensor),
                                         [](Napi::Env, at::Tensor* shared) { delete shared; });
}

// describe(handle) → { shape, scalarType, contiguous, device }: for tests and error messages.
Napi::Value describe(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  const auto& tensor = handles().get(info[0].As<Napi::Number>().Uint32Value());
  auto shape = Napi::Array::New(env, tensor.dim());
  for (int64_t i = 0; i < tensor.dim(); i++) {
    shape.Set(static_cast<uint32_t>(i), Napi::Number::New(env, static_cast<double>(tensor.size(i))));
  }
  auto result = Napi::Object::New(env);
  result.Set("shape", shape);
  result.Set("scalarType", Napi::Number::New(env, static_cast<int>(tensor.scalar_type())));
  result.Set("contiguous", Napi::Boolean::New(env, tensor.is_contiguous()));
  result.Set("device", Napi::String::New(env, tensor.device().str()));
  return result;
}

static const Export exported[] = {{"upload", upload},
                                  {"download", download},
                                  {"downloadAsync", downloadAsync},
                                  {"free", freeHandle},
                                  {"shareTensor", shareTensor},
                                  {"describe", describe}};

}  // namespace csl
