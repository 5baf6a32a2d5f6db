// A stretch of work on a CUDA device recorded once, as a graph of its kernels, and launched again as a whole. While it is
// recorded nothing runs; what it allocates stays its own, at the same addresses, until it is freed.
#include "exports.h"

#if defined(CSL_CUDA) && __has_include(<cuda_runtime_api.h>) && __has_include(<c10/cuda/impl/cuda_cmake_macros.h>)
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAStream.h>

#include <memory>
#include <stdexcept>
#include <unordered_map>

namespace csl {
namespace {

struct Recording {
  std::unique_ptr<at::cuda::CUDAGraph> graph;
  c10::cuda::CUDAStream before;
};

std::unordered_map<uint32_t, std::unique_ptr<at::cuda::CUDAGraph>>& graphs() {
  static std::unordered_map<uint32_t, std::unique_ptr<at::cuda::CUDAGraph>> map;
  return map;
}

std::unique_ptr<Recording> recording;

// beginGraph(device): from now on kernels are recorded, on a stream of their own; the default stream cannot be.
Napi::Value beginGraph(const Napi::CallbackInfo& info) {
  if (recording) throw std::runtime_error("torch: beginGraph: another graph is being recorded");
  auto device = static_cast<c10::DeviceIndex>(info[0].As<Napi::Number>().Int32Value());
  auto before = c10::cuda::getCurrentCUDAStream(device);
  before.synchronize();
  auto next = std::make_unique<Recording>(Recording{std::make_unique<at::cuda::CUDAGraph>(), before});
  c10::cuda::setCurrentCUDAStream(c10::cuda::getStreamFromPool(true, device));
  try {
    next->graph->capture_begin();
  } catch (...) {
    c10::cuda::setCurrentCUDAStream(before);
    throw;
  }
  recording = std::move(next);
  return info.Env().Undefined();
}

// endGraph() → id. Throws when something was done that cannot be recorded; nothing is recorded any longer either way.
Napi::Value endGraph(const Napi::CallbackInfo& info) {
  static uint32_t last = 0;
  if (!recording) throw std::runtime_error("torch: endGraph: no graph is being recorded");
  auto done = std::move(recording);
  try {
    done->graph->capture_end();
  } catch (...) {
    c10::cuda::setCurrentCUDAStream(done->before);
    throw;
  }
  c10::cuda::setCurrentCUDAStream(done->before);
  graphs().emplace(++last, std::move(done->graph));
  return Napi::Number::New(info.Env(), last);
}

Napi::Value replayGraph(const Napi::CallbackInfo& info) {
  graphs().at(info[0].As<Napi::Number>().Uint32Value())->replay();
  return info.Env().Undefined();
}

Napi::Value freeGraph(const Napi::CallbackInfo& info) {
  graphs().erase(info[0].As<Napi::Number>().Uint32Value());
  return info.Env().Undefined();
}

const Export exported[] = {{"beginGraph", beginGraph},
                          {"endGraph", endGraph},
                          {"replayGraph", replayGraph},
                          {"freeGraph", freeGraph}};

}  // namespace
}  // namespace csl
#endif
