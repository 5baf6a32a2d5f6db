// Switches of libtorch as a whole, and what it says about its memory.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "exports.h"
#include "handles.h"

// The statistics of the caching allocator need CUDA's headers; everything else reaches CUDA through the dispatcher.
#if defined(CSL_CUDA) && __has_include(<cuda_runtime_api.h>) && __has_include(<c10/cuda/impl/cuda_cmake_macros.h>)
#include <c10/cuda/CUDACachingAllocator.h>
#define CSL_CUDA_STATISTICS 1
#endif

namespace csl {
namespace {

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

// setCudaMath(tf32, cudnnBenchmark): products of float32 in TF32; cudnn may time its algorithms at each new shape.
Napi::Value setCudaMath(const Napi::CallbackInfo& info) {
  auto& context = at::globalContext();
  bool tf32 = info[0].ToBoolean();
  context.setAllowTF32CuBLAS(tf32);
  context.setAllowTF32CuDNN(tf32);
  context.setBenchmarkCuDNN(info[1].ToBoolean());
  return info.Env().Undefined();
}

// deviceCount(kind): 0 for a kind that this libtorch was built without.
Napi::Value deviceCount(const Napi::CallbackInfo& info) {
  auto type = c10::Device(info[0].As<Napi::String>().Utf8Value()).type();
  bool known = c10::impl::device_guard_impl_registry[static_cast<size_t>(type)].load() != nullptr;
  int count = known ? c10::impl::VirtualGuardImpl(type).deviceCount() : 0;
  return Napi::Number::New(info.Env(), count);
}

// takeDevice(name): the device that is meant from now on where nothing else is said, as by a recording.
Napi::Value takeDevice(const Napi::CallbackInfo& info) {
  auto device = c10::Device(info[0].As<Napi::String>().Utf8Value());
  c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
  return info.Env().Undefined();
}

// cudaMemory(index) → { allocated, peak, reserved } in bytes, or null where there is nothing to tell: before the device's first use,
// and in a build without CUDA's headers.
Napi::Value cudaMemory(const Napi::CallbackInfo& info) {
#ifdef CSL_CUDA_STATISTICS
  auto index = static_cast<c10::DeviceIndex>(info[0].As<Napi::Number>().Int32Value());
  decltype(c10::cuda::CUDACachingAllocator::getDeviceStats(index)) stats;
  try {
    stats = c10::cuda::CUDACachingAllocator::getDeviceStats(index);
  } catch (const c10::Error&) {
    return info.Env().Null();  // it has no memory of this device yet
  }
  auto bytes = [&](int64_t count) { return Napi::Number::New(info.Env(), static_cast<double>(count)); };
  auto result = Napi::Object::New(info.Env());
  result.Set("allocated", bytes(stats.allocated_bytes[0].current));
  result.Set("peak", bytes(stats.allocated_bytes[0].peak));
  result.Set("reserved", bytes(stats.reserved_bytes[0].current));
  return result;
#else
  return info.Env().Null();
#endif
}

const Export exported[] = {{"liveHandles", liveHandles}, {"setThreads", setThreads},   {"hasCuda", hasCuda},
                          {"deviceCount", deviceCount}, {"takeDevice", takeDevice},   {"setCudaMath", setCudaMath},
                          {"cudaMemory", cudaMemory}};

}  // namespace
}  // namespace csl
