// Queues of work. Operators are done at once; a copy between the device and pinned memory waits as long as it may: until an
// operator of its stream, or somebody who waits for the stream, needs it done. So whatever relies on luck fails every time.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "counts.h"
#include "memory.h"

namespace fake {

constexpr StreamId defaultStream = 0;
inline thread_local StreamId currentStream = defaultStream;

struct Pending {
  uint64_t number;
  std::function<void(uint64_t number)> run;
  const void* device = nullptr;  // the memory that it reads or writes there, if any
  size_t bytes = 0;
  const void* pinned = nullptr;
};

class Streams {
 public:
  static Streams& one() {
    static auto* streams = new Streams();
    return *streams;
  }

  void queue(StreamId stream, Pending work) {
    work.number = ++last_;
    queues_[stream].push_back(std::move(work));
  }

  // The number of the last work that was queued so far.
  uint64_t now() const { return last_; }

  // Does what a stream has queued, up to a number.
  void finish(StreamId stream, uint64_t upTo = UINT64_MAX) {
    c10::InferenceMode guard;
    auto& queue = queues_[stream];
    while (!queue.empty() && queue.front().number <= upTo) {
      auto work = std::move(queue.front());
      queue.pop_front();
      work.run(work.number);
      if (work.pinned) release(work.pinned);
    }
  }

  void finishAll() {
    for (auto& [stream, queue] : queues_) finish(stream);
  }

  // An operator of `stream` is about to use this memory of the device; of what is queued, that before `number` comes first.
  void expectReady(StreamId stream, const void* address, uint64_t number = UINT64_MAX) {
    auto* block = Memory::one().blockOf(address);
    if (!block) return;
    TORCH_CHECK(block->owner == stream || block->known.count(stream) > 0,
                "fake device: memory of one stream is used on another, of which its allocator does not know");
    for (auto& [other, queue] : queues_) {
      if (other == stream) continue;
      for (auto& work : queue) {
        TORCH_CHECK(work.number > number || !overlaps(work, address), "fake device: memory is used before a copy on another stream was waited for");
      }
    }
  }

  // Memory of the device is freed. What its own stream has queued before comes before its next use; other streams that its
  // allocator knows of are waited for.
  void freed(const char* address, const Block& block) {
    for (auto& [stream, queue] : queues_) {
      uint64_t last = 0;
      for (auto& work : queue)
        if (overlaps(work, address, block.bytes)) last = work.number;
      if (last == 0) continue;
      if (stream != block.owner && block.known.count(stream) == 0)
        fault("memory was freed while a copy of another stream used it");
      finish(stream, last);
    }
  }

  // Pinned memory is freed once no copy uses it any more, as CUDA's allocator of such memory does.
  bool stillCopied(const void* pinned) {
    for (auto& [stream, queue] : queues_)
      for (auto& work : queue)
        if (work.pinned == pinned) return true;
    return false;
  }
  void keepUntilCopied(void* pinned) { leaving_.insert(pinned); }

  // What went wrong where nothing can be thrown is thrown by whoever comes next.
  void fault(const std::string& what) {
    if (fault_.empty()) fault_ = what;
  }
  void throwFault() {
    if (fault_.empty()) return;
    auto what = std::move(fault_);
    fault_.clear();
    TORCH_CHECK(false, "fake device: ", what);
  }

 private:
  static bool overlaps(const Pending& work, const void* address, size_t bytes = 1) {
    auto *from = static_cast<const char*>(work.device), *at = static_cast<const char*>(address);
    return from && at < from + work.bytes && from < at + bytes;
  }

  void release(const void* pinned) {
    auto found = leaving_.find(const_cast<void*>(pinned));
    if (found == leaving_.end() || stillCopied(pinned)) return;
    free(*found);
    leaving_.erase(found);
  }

  std::map<StreamId, std::deque<Pending>> queues_;
  std::set<void*> leaving_;
  uint64_t last_ = 0;
  std::string fault_;
};

struct Event {
  StreamId stream;
  uint64_t number;
  int asked = 0;
};

}  // namespace fake
