// A device without hardware, for tests: what runs on it would run on a GPU as far as copies, streams, recordings and devices
// go, and fails where it would fail, or might, there. It registers itself with libtorch when it is loaded; its functions stand in the place
// of those of the binding that need CUDA's headers.
#include <ATen/EmptyTensor.h>
#include <ATen/NativeFunctions.h>
#include <napi.h>
#include <signal.h>

#include "copies.h"

namespace fake {
namespace {

at::Tensor emptyFormat(at::IntArrayRef size, c10::optional<at::ScalarType> type, c10::optional<at::Layout>,
                       c10::optional<at::Device>, c10::optional<bool>, c10::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &deviceAllocator, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                   c10::dtype_or_default(type), format);
}

at::Tensor emptyStrided(at::IntArrayRef size, at::IntArrayRef stride, c10::optional<at::ScalarType> type,
                        c10::optional<at::Layout>, c10::optional<at::Device>, c10::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, &deviceAllocator,
                                           c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                           c10::dtype_or_default(type));
}

at::Tensor asStrided(const at::Tensor& self, at::IntArrayRef size, at::IntArrayRef stride, c10::optional<int64_t> offset) {
  return at::native::as_strided_tensorimpl(self, size, stride, offset);
}

const at::Tensor& resize(const at::Tensor& self, at::IntArrayRef size, c10::optional<at::MemoryFormat>) {
  auto* impl = self.unsafeGetTensorImpl();
  impl->set_sizes_contiguous(size);
  size_t bytes = (impl->numel() + impl->storage_offset()) * impl->itemsize();
  auto* storage = impl->storage().unsafeGetStorageImpl();
  if (bytes <= storage->nbytes()) return self;
  auto next = deviceAllocator.allocate(bytes);
  if (storage->nbytes() > 0) {
    auto& memory = Memory::one();
    std::memcpy(memory.open(next.get()), memory.open(self.storage().data_ptr().get()), storage->nbytes());
  }
  storage->set_data_ptr_noswap(std::move(next));
  storage->set_nbytes(bytes);
  return self;
}

void anyOperator(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  std::lock_guard lock(deviceLock());
  auto& streams = Streams::one();
  auto name = op.schema().name();
  auto arguments = torch::jit::last(*stack, op.schema().arguments().size());
  Values given(arguments.begin(), arguments.end());
  streams.finish(currentStream);
  streams.throwFault();
  check(name, given);
  auto call = std::make_shared<Call>(op, std::move(given));
  auto results = capture().recording ? record(call) : call->place(call->compute());
  if (call->writesAnything()) counts().launches[name]++;
  torch::jit::drop(*stack, op.schema().arguments().size());
  for (auto& result : results) torch::jit::push(*stack, std::move(result));
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&anyOperator>()); }

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", emptyFormat);
  m.impl("empty_strided", emptyStrided);
  m.impl("as_strided", asStrided);
  m.impl("resize_", resize);
  m.impl("_copy_from", copyFrom);
  m.impl("_copy_from_and_resize", copyFromAndResize);
  m.impl("_local_scalar_dense", valueOf);
  // These have a way of their own for devices that do not name them: an error, or one call for each tensor of a list.
  m.impl("convolution_overrideable", torch::CppFunction::makeFromBoxedFunction<&anyOperator>());
  m.impl("convolution_backward_overrideable", torch::CppFunction::makeFromBoxedFunction<&anyOperator>());
  for (const auto& name : c10::Dispatcher::singleton().getAllOpNames()) {
    if (name.name.rfind("aten::_foreach_", 0) != 0) continue;
    auto full = name.name.substr(6) + (name.overload_name.empty() ? "" : "." + name.overload_name);
    m.impl(full.c_str(), torch::CppFunction::makeFromBoxedFunction<&anyOperator>());
  }
}

C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard);
#if TORCH_VERSION_MAJOR < 2
}  // namespace
}  // namespace fake
namespace at {
using FakeHooks = fake::Hooks;
C10_REGISTER_TYPED_CLASS(CUDAHooksRegistry, "CUDAHooks", FakeHooks);
}  // namespace at
namespace fake {
namespace {
#endif

void hostTouched(int, siginfo_t* info, void*) {
  if (Memory::one().holds(info->si_addr)) {
    const char message[] = "fake device: the host touched the device's memory\n";
    [[maybe_unused]] auto written = write(2, message, sizeof(message) - 1);
  }
  signal(SIGSEGV, SIG_DFL);  // the instruction is tried again, and ends the process
}

uint32_t idOf(const Napi::CallbackInfo& info) { return info[0].As<Napi::Number>().Uint32Value(); }

Napi::Object numbersOf(Napi::Env env, const std::map<std::string, int64_t>& map) {
  auto out = Napi::Object::New(env);
  for (const auto& [name, count] : map) out.Set(name, Napi::Number::New(env, static_cast<double>(count)));
  return out;
}

// takeCounts() → what was done since the last call. The peak of memory is reset.
Napi::Value takeCounts(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  auto all = std::move(counts());
  counts() = {};
  Memory::one().forgetPeak();
  auto out = Napi::Object::New(env);
  auto set = [&](const char* name, int64_t count) { out.Set(name, Napi::Number::New(env, static_cast<double>(count))); };
  set("uploads", all.uploads);
  set("asyncUploads", all.asyncUploads);
  set("downloads", all.downloads);
  set("asyncDownloads", all.asyncDownloads);
  set("deviceCopies", all.deviceCopies);
  set("syncs", all.syncs);
  out.Set("launches", numbersOf(env, all.launches));
  out.Set("waits", numbersOf(env, all.waits));
  return out;
}

Napi::Value memory(const Napi::CallbackInfo& info) {
  auto out = Napi::Object::New(info.Env());
  auto set = [&](const char* name, size_t bytes) { out.Set(name, Napi::Number::New(info.Env(), static_cast<double>(bytes))); };
  set("allocated", Memory::one().used());
  set("peak", Memory::one().peak());
  set("reserved", Memory::one().reserved());
  return out;
}

// readOnHost(shared): what no part of the binding may do.
Napi::Value readOnHost(const Napi::CallbackInfo& info) {
  const auto& tensor = *info[0].As<Napi::External<at::Tensor>>().Data();
  return Napi::Number::New(info.Env(), *static_cast<float*>(tensor.data_ptr()));
}

// onStream(id): later work goes there; 0 is the one that everything else uses.
Napi::Value onStream(const Napi::CallbackInfo& info) {
  currentStream = info[0].As<Napi::Number>().Int64Value();
  return info.Env().Undefined();
}

using Function = Napi::Value (*)(const Napi::CallbackInfo&);

Napi::Value guarded(const Napi::CallbackInfo& info) {
  std::lock_guard lock(deviceLock());
  try {
    return reinterpret_cast<Function>(info.Data())(info);
  } catch (const c10::Error& error) {
    throw Napi::Error::New(info.Env(), std::string("torch: ") + error.what_without_backtrace());
  }
}

const std::pair<const char*, Function> exported[] = {
    {"takeCounts", takeCounts},
    {"cudaMemory", memory},
    {"readOnHost", readOnHost},
    {"onStream", onStream},
    {"hasCuda", [](const Napi::CallbackInfo& info) -> Napi::Value { return Napi::Boolean::New(info.Env(), true); }},
    {"setCudaMath", [](const Napi::CallbackInfo& info) -> Napi::Value { return info.Env().Undefined(); }},
    {"beginGraph",
     [](const Napi::CallbackInfo& info) -> Napi::Value {
       beginGraph();
       return info.Env().Undefined();
     }},
    {"endGraph", [](const Napi::CallbackInfo& info) -> Napi::Value { return Napi::Number::New(info.Env(), endGraph()); }},
    {"replayGraph",
     [](const Napi::CallbackInfo& info) -> Napi::Value {
       replayGraph(idOf(info));
       return info.Env().Undefined();
     }},
    {"freeGraph",
     [](const Napi::CallbackInfo& info) -> Napi::Value {
       graphs().erase(idOf(info));
       return info.Env().Undefined();
     }},
};

Napi::Object init(Napi::Env env, Napi::Object exports) {
  c10::SetAllocator(c10::DeviceType::PrivateUse1, &deviceAllocator);
  const char* name = "privateuseone";
#if TORCH_VERSION_MAJOR >= 2
  name = "fake";
  c10::register_privateuse1_backend(name);
  at::RegisterPrivateUse1HooksInterface(new Hooks());
#endif
  struct sigaction action = {};
  action.sa_sigaction = hostTouched;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, nullptr);
  exports.Set("accelerator", Napi::String::New(env, name));
  for (const auto& [name, function] : exported)
    exports.Set(name, Napi::Function::New(env, guarded, name, reinterpret_cast<void*>(function)));
  return exports;
}

}  // namespace

NODE_API_MODULE(csl_fake_device, init)

}  // namespace fake
