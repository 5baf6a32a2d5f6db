#include "device-copies.h"

#include <ATen/ATen.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <chrono>
#include <map>
#include <thread>

namespace csl {
namespace {

// Everything that is done meanwhile goes to another stream of the device.
class OnStream {
 public:
  explicit OnStream(c10::Stream stream) : guard_(stream.device_type()), before_(guard_.exchangeStream(stream)) {}
  ~OnStream() { guard_.exchangeStream(before_); }

 private:
  c10::impl::VirtualGuardImpl guard_;
  c10::Stream before_;
};

// One for the copies to each device, so that they need not wait for what it computes.
c10::Stream copyStream(const c10::impl::VirtualGuardImpl& guard, c10::Device device) {
  static std::map<c10::DeviceIndex, c10::Stream> streams;
  auto found = streams.find(device.index());
  if (found == streams.end())
    found = streams.emplace(device.index(), guard.getStreamFromGlobalPool(device, /*isHighPriority=*/false)).first;
  return found->second;
}

}  // namespace

at::Tensor uploaded(const at::Tensor& values, c10::Device device) {
  // Its allocator keeps it from other uses until the copy is done.
  auto pinned = at::empty(values.sizes(), values.options().pinned_memory(true));
  pinned.copy_(values);
  c10::impl::VirtualGuardImpl guard(device.type());
  auto compute = guard.getStream(device);
  auto copies = copyStream(guard, device);
  c10::Event done(device.type());
  at::Tensor out;
  {
    OnStream stream(copies);
    out = at::empty(values.sizes(), values.options().device(device));
    out.copy_(pinned, /*non_blocking=*/true);
    done.record(copies);
  }
  done.block(compute);
  // Allocated for one stream, used and freed on another.
  guard.recordDataPtrOnStream(out.storage().data_ptr(), compute);
  return out;
}

c10::Event eventOn(c10::Device device, c10::EventFlag flag) {
  c10::Event event(device.type(), flag);
  event.record(c10::impl::VirtualGuardImpl(device.type()).getStream(device));
  return event;
}

// Asked again and again: to wait for an event is not in every libtorch's c10::Event.
void waitFor(const c10::Event& event) {
  while (!event.query()) std::this_thread::sleep_for(std::chrono::microseconds(50));
}

}  // namespace csl
