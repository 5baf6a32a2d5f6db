// The allocators of the device's memory and of pinned host memory, and what libtorch asks of a device: streams, events.
#pragma once

#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/version.h>
#if TORCH_VERSION_MAJOR >= 2
#include <ATen/detail/PrivateUse1HooksInterface.h>
#endif

#include <chrono>

#include "streams.h"

namespace fake {

inline c10::Device device() { return {c10::DeviceType::PrivateUse1, 0}; }

inline void giveBack(void* at) {
  if (!at) return;
  std::lock_guard lock(deviceLock());
  auto* address = static_cast<char*>(at);
  Streams::one().freed(address, *Memory::one().blockOf(address));
  Memory::one().give(address);
}

inline std::set<const void*>& pinnedBlocks() {
  static auto* blocks = new std::set<const void*>();
  return *blocks;
}

inline void givePinnedBack(void* at) {
  if (!at) return;
  std::lock_guard lock(deviceLock());
  pinnedBlocks().erase(at);
  if (Streams::one().stillCopied(at)) Streams::one().keepUntilCopied(at);
  else free(at);
}

template <typename Take>
struct Allocator final : c10::Allocator {
#if TORCH_VERSION_MAJOR >= 2 && (TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 3)
  c10::DataPtr allocate(size_t bytes) override { return Take::take(bytes); }
  void copy_data(void* to, const void* from, std::size_t bytes) const override { TORCH_CHECK(false, "fake device: copy_data"); }
#else
  c10::DataPtr allocate(size_t bytes) const override { return Take::take(bytes); }
#endif
  c10::DeleterFnPtr raw_deleter() const override { return Take::give; }
};

struct OfDevice {
  static constexpr auto give = &giveBack;
  static c10::DataPtr take(size_t bytes) {
    if (bytes == 0) return {nullptr, nullptr, give, device()};
    std::lock_guard lock(deviceLock());
    auto* at = Memory::one().take(bytes, currentStream);
    return {at, at, give, device()};
  }
};

struct OfPinnedMemory {
  static constexpr auto give = &givePinnedBack;
  static c10::DataPtr take(size_t bytes) {
    std::lock_guard lock(deviceLock());
    void* at = std::aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
    pinnedBlocks().insert(at);
    return {at, at, give, c10::Device(c10::kCPU)};
  }
};

inline Allocator<OfDevice> deviceAllocator;
inline Allocator<OfPinnedMemory> pinnedAllocator;

inline bool isPinned(const at::Tensor& tensor) { return pinnedBlocks().count(tensor.storage().data_ptr().get()) > 0; }

struct Guard final : c10::impl::DeviceGuardImplInterface {
  static constexpr c10::DeviceType static_type = c10::DeviceType::PrivateUse1;
  Guard() {}
  explicit Guard(c10::DeviceType) {}
  static c10::Stream streamOf(StreamId id) { return c10::Stream(c10::Stream::UNSAFE, device(), id); }
  c10::DeviceType type() const override { return static_type; }
  c10::Device exchangeDevice(c10::Device) const override { return device(); }
  c10::Device getDevice() const override { return device(); }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  c10::Stream getStream(c10::Device) const noexcept override { return streamOf(currentStream); }
  c10::Stream getDefaultStream(c10::Device) const override { return streamOf(defaultStream); }
  c10::Stream getStreamFromGlobalPool(c10::Device, bool) const override {
    static StreamId last = defaultStream;
    return streamOf(++last);
  }
  c10::Stream exchangeStream(c10::Stream next) const noexcept override {
    auto before = currentStream;
    currentStream = next.id();
    return streamOf(before);
  }
  void record(void** event, const c10::Stream& stream, const c10::DeviceIndex, const c10::EventFlag) const override {
    std::lock_guard lock(deviceLock());
    delete static_cast<Event*>(*event);
    *event = new Event{stream.id(), Streams::one().now()};
  }
  // Not yet, at first: nobody may count on a copy that is done at once.
  bool queryEvent(void* event) const override {
    std::lock_guard lock(deviceLock());
    auto* one = static_cast<Event*>(event);
    if (one->asked++ == 0) return false;
    Streams::one().finish(one->stream, one->number);
    return true;
  }
  void block(void* event, const c10::Stream& stream) const override {
    std::lock_guard lock(deviceLock());
    auto one = *static_cast<Event*>(event);
    Streams::one().queue(stream.id(), {0, [one](uint64_t) { Streams::one().finish(one.stream, one.number); }});
  }
  void destroyEvent(void* event, const c10::DeviceIndex) const noexcept override { delete static_cast<Event*>(event); }
  bool queryStream(const c10::Stream&) const override { return false; }
  void synchronizeStream(const c10::Stream& stream) const override {
    std::lock_guard lock(deviceLock());
    counts().syncs++;
    counts().waits["synchronizeStream"]++;
    Streams::one().finish(stream.id());
  }
  void recordDataPtrOnStream(const c10::DataPtr& data, const c10::Stream& stream) const override {
    std::lock_guard lock(deviceLock());
    if (auto* block = Memory::one().blockOf(data.get())) block->known.insert(stream.id());
  }
};

// Where libtorch asks for pinned memory: in 2.x the hooks of the device, in 1.13 those of CUDA, which there is none of.
#if TORCH_VERSION_MAJOR >= 2
struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  bool isPinnedPtr(const void* at) const override { return pinnedBlocks().count(at) > 0; }
  c10::Allocator* getPinnedMemoryAllocator() const override { return &pinnedAllocator; }
};
#else
struct Hooks final : at::CUDAHooksInterface {
  explicit Hooks(at::CUDAHooksArgs) {}
  bool isPinnedPtr(void* at) const override { return pinnedBlocks().count(at) > 0; }
  c10::Allocator* getPinnedMemoryAllocator() const override { return &pinnedAllocator; }
};
#endif

}  // namespace fake
