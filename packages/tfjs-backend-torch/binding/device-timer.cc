// How long a device takes for what it is asked to do, by events of its own.
#include <ATen/core/Tensor.h>
#include <torch/version.h>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>

#include "device-copies.h"
#include "exports.h"

namespace csl {
namespace {

using Clock = std::chrono::steady_clock;

// Times of events came to libtorch with 2.4. Before, and where a device keeps none, it is the time between the events as the host
// sees them.
#define CSL_EVENT_TIMES (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4))

struct Timer {
  c10::Device device;
  std::shared_ptr<c10::Event> begun;
};

std::map<uint32_t, Timer>& timers() {
  static std::map<uint32_t, Timer> all;
  return all;
}

class Elapsed : public Napi::AsyncWorker {
 public:
  Elapsed(Napi::Env env, const Timer& timer)
      : Napi::AsyncWorker(env),
        begun_(timer.begun),
        ended_(eventOn(timer.device, c10::EventFlag::BACKEND_DEFAULT)),
        deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise promise() { return deferred_.Promise(); }

  void Execute() override {
    try {
      waitFor(*begun_);
      auto start = Clock::now();
      waitFor(ended_);
      milliseconds_ = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
#if CSL_EVENT_TIMES
      if (begun_->device_type() == c10::kCUDA) milliseconds_ = begun_->elapsedTime(ended_);
#endif
    } catch (const std::exception& error) {
      SetError(error.what());
    }
  }
  void OnOK() override { deferred_.Resolve(Napi::Number::New(Env(), milliseconds_)); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  std::shared_ptr<c10::Event> begun_;
  c10::Event ended_;
  Napi::Promise::Deferred deferred_;
  double milliseconds_ = 0;
};

// startTimer(device) → id
Napi::Value startTimer(const Napi::CallbackInfo& info) {
  static uint32_t last = 0;
  c10::Device device(info[0].As<Napi::String>().Utf8Value());
  auto begun = std::make_shared<c10::Event>(eventOn(device, c10::EventFlag::BACKEND_DEFAULT));
  timers().emplace(++last, Timer{device, begun});
  return Napi::Number::New(info.Env(), last);
}

// stopTimer(id) → Promise of milliseconds
Napi::Value stopTimer(const Napi::CallbackInfo& info) {
  auto found = timers().find(info[0].As<Napi::Number>().Uint32Value());
  if (found == timers().end()) throw std::runtime_error("torch: stopTimer: no such timer");
  auto* elapsed = new Elapsed(info.Env(), found->second);
  timers().erase(found);
  auto promise = elapsed->promise();
  elapsed->Queue();
  return promise;
}

const Export exported[] = {{"startTimer", startTimer}, {"stopTimer", stopTimer}};

}  // namespace
}  // namespace csl
