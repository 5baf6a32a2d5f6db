// Copies within the device and between it and the host.
#pragma once

#include "graph.h"

namespace fake {

inline bool plain(const at::Tensor& to, const at::Tensor& from) {
  return to.scalar_type() == from.scalar_type() && to.sizes() == from.sizes() && to.is_contiguous() && from.is_contiguous();
}

// What `non_blocking` gives for pinned memory: a copy that somebody has to wait for. Until then a destination on the host holds no
// number, and a source must not change.
inline void copyLater(const at::Tensor& to, const at::Tensor& from) {
  const auto& pinned = onDevice(to) ? from : to;
  const auto& there = onDevice(to) ? to : from;
  std::vector<char> sent;
  if (onDevice(to)) {
    auto* bytes = static_cast<char*>(from.data_ptr());
    sent.assign(bytes, bytes + from.nbytes());
  } else {
    std::memset(to.data_ptr(), 0xff, to.nbytes());
  }
  // The device's memory lives as long as it is queued; pinned memory by its allocator's own care.
  void* host = pinned.data_ptr();
  size_t bytes = pinned.nbytes();
  char* open = Memory::one().open(there.data_ptr());
  bool up = onDevice(to);
  auto* closed = there.data_ptr();
  auto run = [=, stream = currentStream, sent = std::move(sent)](uint64_t number) {
    Streams::one().expectReady(stream, closed, number);
    if (!up) std::memcpy(host, open, bytes);
    else if (std::memcmp(sent.data(), host, bytes) == 0) std::memcpy(open, host, bytes);
    else Streams::one().fault("pinned memory was changed while a copy from it was under way");
  };
  Streams::one().queue(currentStream, {0, run, closed, bytes, pinned.storage().data_ptr().get()});
}

inline void copyWithin(const at::Tensor& to, const at::Tensor& from) {
  Streams::one().finish(currentStream);
  for (const auto& t : {to, from})
    if (t.numel() > 0) Streams::one().expectReady(currentStream, t.data_ptr());
  counts().deviceCopies++;
  counts().launches["copy"]++;
  if (capture().recording) {
    willChange(to);
    recording().calls.push_back([to, from] { opened(to).copy_(opened(from)); });
  }
  opened(to).copy_(opened(from));
}

inline at::Tensor copyFrom(const at::Tensor& from, const at::Tensor& to, bool nonBlocking) {
  std::lock_guard lock(deviceLock());
  auto& streams = Streams::one();
  streams.throwFault();
  if (onDevice(from) && onDevice(to)) {
    copyWithin(to, from);
    return to;
  }
  bool up = onDevice(to);
  bool later = nonBlocking && isPinned(up ? from : to) && plain(to, from) && to.numel() > 0;
  hostWaits(up ? "upload" : "download", !later);
  auto& all = counts();
  (later ? (up ? all.asyncUploads : all.asyncDownloads) : (up ? all.uploads : all.downloads))++;
  if (later) {
    copyLater(to, from);
    return to;
  }
  streams.finish(currentStream);
  streams.throwFault();
  const auto& there = up ? to : from;
  if (there.numel() > 0) streams.expectReady(currentStream, there.data_ptr());
  opened(to).copy_(opened(from));
  return to;
}

inline at::Tensor copyFromAndResize(const at::Tensor& from, const at::Tensor& to) {
  if (to.sizes() != from.sizes()) to.resize_(from.sizes());
  return copyFrom(from, to, false);
}

inline at::Scalar valueOf(const at::Tensor& tensor) {
  std::lock_guard lock(deviceLock());
  hostWaits("a value that is asked for");
  Streams::one().finish(currentStream);
  Streams::one().throwFault();
  return opened(tensor).item();
}

}  // namespace fake
